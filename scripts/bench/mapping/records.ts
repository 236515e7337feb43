/** Varied records in the shapes of six kinds of source; the same ones on every run. */

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

/** A small generator of pseudo-random numbers (mulberry32), so that rounds and machines compare. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

const random = randomFrom(7)
const whole = (below: number): number => Math.floor(random() * below)
const one = <T>(list: readonly T[]): T => list[whole(list.length)]!
const maybe = <T>(value: T): T | null => (random() < 0.2 ? null : value)
const some = <T>(least: number, most: number, make: (at: number) => T): T[] =>
  Array.from({ length: least + whole(most - least + 1) }, (_, at) => make(at))

const FIRST = ['Anna', 'Bob', 'Chloë', 'Dirk', 'Élise', 'Fatma'] as const
const LAST = ['Jansen', "O'Neill", 'van der Berg', 'Smith', 'Müller'] as const
const CITY = ['Utrecht', 'Gent', 'Köln', 'York'] as const
const COUNTRY = ['NL', 'BE', 'DE', 'GB'] as const
const mail = (at: number): string => `${one(FIRST)}.${at}@Example.COM`
const phone = (): string => `+31 (0)${whole(90) + 10}-${whole(900_000) + 100_000}`
const day = (): string => `20${10 + whole(15)}-0${1 + whole(9)}-1${whole(9)}`

const salesforce = (at: number): Json => ({
  Id: `003${at}`,
  FirstName: maybe(one(FIRST)),
  LastName: one(LAST),
  Salutation: maybe(one(['Mr.', 'Ms.'])),
  Email: maybe(mail(at)),
  Phone: maybe(phone()),
  MobilePhone: maybe(phone()),
  MailingStreet: maybe(`Main ${at}`),
  MailingCity: maybe(one(CITY)),
  MailingCountry: maybe(one(COUNTRY)),
  Birthdate: maybe(day()),
  HasOptedOutOfEmail: random() < 0.3,
  LeadSource: maybe(one(['Web', 'Phone', 'Other'])),
  Account: maybe({ Name: `Company ${at}`, Industry: maybe('Retail') }),
  CreatedDate: `${day()}T10:00:00.000+0000`,
  AnnualRevenue: maybe(whole(1_000_000) / 100),
})

const hubspot = (at: number): Json => ({
  id: String(at),
  createdAt: `${day()}T10:00:00Z`,
  archived: random() < 0.1,
  properties: {
    firstname: maybe(one(FIRST)),
    lastname: maybe(one(LAST)),
    email: maybe(mail(at)),
    phone: maybe(phone()),
    mobilephone: maybe(phone()),
    city: maybe(one(CITY)),
    country: maybe(one(COUNTRY)),
    lifecyclestage: one(['lead', 'customer', 'subscriber', 'other']),
    hs_email_optout: maybe(one(['true', 'false'])),
    annualrevenue: maybe(String(whole(100_000))),
    numemployees: maybe(String(whole(500))),
    website: maybe(`https://www.shop${at}.example/path`),
  },
})

const mailchimp = (at: number): Json => ({
  id: `m${at}`,
  email_address: mail(at),
  status: one(['subscribed', 'unsubscribed', 'cleaned']),
  merge_fields: {
    FNAME: one([...FIRST, '']),
    LNAME: one([...LAST, '']),
    PHONE: one(['', phone()]),
    ADDRESS:
      random() < 0.4 ? '' : { addr1: `Main ${at}`, city: one(CITY), zip: '1234 AB', country: one(COUNTRY) },
  },
  stats: { avg_open_rate: random(), avg_click_rate: random() },
  tags: some(0, 4, (it) => ({ id: it, name: one(['vip', 'new', 'old']) })),
  location: { latitude: 52.1, longitude: 4.9, country_code: one(COUNTRY) },
  timestamp_opt: `${day()}T10:00:00+00:00`,
  member_rating: 1 + whole(5),
  vip: random() < 0.1,
  language: one(['nl', 'en', '']),
})

const sap = (at: number): Json => ({
  BusinessPartner: String(1_000_000 + at),
  BusinessPartnerCategory: one(['1', '2']),
  FirstName: maybe(one(FIRST)),
  LastName: maybe(one(LAST)),
  OrganizationBPName1: maybe(`Company ${at}`),
  BusinessPartnerIsBlocked: random() < 0.1,
  to_BusinessPartnerAddress: {
    results: some(1, 3, (it) => ({
      AddressID: String(it),
      StreetName: maybe(`Main ${it}`),
      HouseNumber: String(whole(100)),
      CityName: one(CITY),
      PostalCode: maybe('1234 AB'),
      Country: one(COUNTRY),
      to_AddressUsage: { results: [{ AddressUsage: one(['XXDEFAULT', 'BILL_TO']) }] },
      to_EmailAddress: {
        results: some(0, 2, (email) => ({ EmailAddress: mail(email), IsDefaultEmailAddress: email === 0 })),
      },
      to_PhoneNumber: { results: some(0, 2, () => ({ PhoneNumber: phone(), IsDefault: random() < 0.5 })) },
    })),
  },
})

const order = (at: number): Json => ({
  id: at,
  name: `#${at}`,
  currency: one(['EUR', 'GBP']),
  created_at: `${day()}T10:00:00Z`,
  customer: maybe({ id: whole(1000), email: mail(at), first_name: one(FIRST), last_name: one(LAST) }),
  discount: maybe(whole(500) / 100),
  shipping: { price: whole(1000) / 100, method: one(['post', 'courier']) },
  line_items: some(2, 7, (it) => ({
    id: it,
    sku: `SKU-${whole(100)}`,
    title: `Article ${it}`,
    quantity: 1 + whole(5),
    price: whole(10_000) / 100,
    tax: maybe(whole(1000) / 100),
    gift: random() < 0.2,
  })),
})

const sql = (at: number): Json => ({
  id: at,
  first: maybe(one(FIRST)),
  last: maybe(one(LAST)),
  email: maybe(mail(at)),
  country: maybe(one(COUNTRY)),
  price: whole(10_000) / 100,
  quantity: whole(10),
  active: random() < 0.5,
  status: one(['A', 'B', 'X']),
  note: maybe(`  some ${at}  `),
  born: maybe(day()),
  code: `k-${at}-x`,
})

export const RECORDS = 500
const makers = { salesforce, hubspot, mailchimp, sap, order, sql }
export type Shape = keyof typeof makers

/** Records of one shape, without nulls, as mappings see them. */
export const recordsOf = (shape: Shape): Json[] =>
  Array.from({ length: RECORDS }, (_, at) => withoutNulls(makers[shape](at)))

function withoutNulls(value: Json): Json {
  if (Array.isArray(value)) return value.filter((it) => it !== null).map(withoutNulls)
  if (value === null || typeof value !== 'object') return value
  const kept = Object.entries(value).filter(([, it]) => it !== null)
  return Object.fromEntries(kept.map(([name, it]) => [name, withoutNulls(it)]))
}
