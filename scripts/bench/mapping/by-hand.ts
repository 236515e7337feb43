import type { Shape } from './records.ts'

// biome-ignore lint/suspicious/noExplicitAny: what somebody writes by hand trusts the shape of the records
type Loose = any
type Mapping = (record: Loose) => Record<string, unknown>

/** What a programmer would write for the mappings: no care for other shapes, no limits. */
export const byHand: Record<Shape, Mapping> = {
  salesforce: (r) =>
    present({
      id: r.Id,
      given_name: r.FirstName,
      family_name: r.LastName,
      full_name: squeezed(`${r.FirstName ?? ''} ${r.LastName ?? ''}`),
      title: r.Salutation ? r.Salutation.replaceAll('.', '') : undefined,
      email: r.Email?.toLowerCase(),
      domain: after(r.Email, '@'),
      phone: (r.MobilePhone || r.Phone)?.replace(/[^0-9+]/g, ''),
      street: r.MailingStreet,
      city: r.MailingCity,
      country: r.MailingCountry || 'NL',
      birth_year: r.Birthdate ? Number(r.Birthdate.slice(0, 4)) : undefined,
      may_email: !r.HasOptedOutOfEmail,
      company: r.Account?.Name,
      segment: r.AnnualRevenue > 5000 ? 'large' : 'small',
    }),
  hubspot: ({ id, createdAt, archived, properties: p }) =>
    present({
      id,
      given_name: p.firstname,
      family_name: p.lastname,
      full_name: `${p.firstname ?? ''} ${p.lastname ?? ''}`,
      email: p.email?.toLowerCase(),
      phone: p.mobilephone || p.phone,
      city: p.city,
      country: p.country,
      status:
        p.lifecyclestage === 'customer' ? 'customer' : p.lifecyclestage === 'lead' ? 'lead' : 'prospect',
      may_email: p.hs_email_optout !== undefined && p.hs_email_optout !== 'true',
      revenue: p.annualrevenue === undefined ? undefined : Number(p.annualrevenue),
      employees: p.numemployees === undefined ? undefined : Number(p.numemployees),
      host: before(after(p.website, '://'), '/'),
      active: !archived,
      since: createdAt.slice(0, 10),
    }),
  mailchimp: (r) => {
    const { merge_fields: m, tags } = r
    const names = tags.map((it: Loose) => it.name)
    return present({
      id: r.id,
      email: r.email_address.toLowerCase(),
      given_name: m.FNAME || undefined,
      family_name: m.LNAME || undefined,
      phone: m.PHONE ? m.PHONE.replace(/[^0-9+]/g, '') : undefined,
      street: m.ADDRESS.addr1,
      city: m.ADDRESS.city,
      country: r.location.country_code,
      may_email: r.status === 'subscribed',
      open_rate: rounded(r.stats.avg_open_rate * 100),
      click_rate: rounded(r.stats.avg_click_rate * 100),
      tags: names.length === 0 ? undefined : names.join(','),
      vip: r.vip || names.includes('vip'),
      language: r.language || 'en',
      opted_in: r.timestamp_opt.slice(0, 10),
    })
  },
  sap: (r) => {
    const { results } = r.to_BusinessPartnerAddress
    const a = results.find((it: Loose) => it.to_AddressUsage.results[0].AddressUsage === 'XXDEFAULT')
    const isPerson = r.BusinessPartnerCategory === '1'
    return present({
      id: r.BusinessPartner,
      kind: isPerson ? 'person' : 'organisation',
      given_name: r.FirstName,
      family_name: r.LastName,
      name: isPerson ? `${r.FirstName ?? ''} ${r.LastName ?? ''}` : r.OrganizationBPName1,
      blocked: r.BusinessPartnerIsBlocked,
      street: a?.StreetName,
      house: a?.HouseNumber,
      city: a?.CityName,
      postal_code: a?.PostalCode?.toUpperCase(),
      country: a?.Country,
      email: a?.to_EmailAddress.results
        .find((it: Loose) => it.IsDefaultEmailAddress)
        ?.EmailAddress.toLowerCase(),
      phone: a?.to_PhoneNumber.results.find((it: Loose) => it.IsDefault)?.PhoneNumber,
      addresses: results.length,
    })
  },
  order: (r) => {
    const lines: Loose[] = r.line_items
    const taxes = lines.filter((it) => it.tax !== undefined)
    const net = total(lines, (it) => it.price * it.quantity)
    return present({
      id: r.id,
      number: after(r.name, '#'),
      currency: r.currency,
      ordered_at: r.created_at,
      customer_id: r.customer?.id,
      customer: `${r.customer?.first_name ?? ''} ${r.customer?.last_name ?? ''}`,
      email: r.customer?.email.toLowerCase(),
      shipping: r.shipping.price,
      net: rounded(net),
      tax: taxes.length === 0 ? undefined : total(taxes, (it) => it.tax),
      total: net + r.shipping.price - (r.discount || 0),
      pieces: total(lines, (it) => it.quantity),
      gifts: lines.filter((it) => it.gift).length,
      lines: lines.map((it) => ({
        no: it.id,
        sku: it.sku,
        title: it.title,
        net: rounded(it.price * it.quantity),
      })),
    })
  },
  sql: (r) =>
    present({
      id: r.id,
      name: `${r.first ?? ''} ${r.last ?? ''}`,
      given_name: r.first,
      family_name: r.last,
      email: r.email?.toLowerCase(),
      domain: after(r.email, '@'),
      country: r.country?.toUpperCase(),
      net: rounded(r.price * r.quantity),
      price: r.price,
      active: r.active,
      status: r.status === 'A' ? 'customer' : r.status === 'B' ? 'lead' : 'former',
      note: r.note === undefined ? undefined : squeezed(r.note),
      born: r.born?.slice(0, 4),
      code: r.code.slice(2),
    }),
}

function present(fields: Record<string, unknown>): Record<string, unknown> {
  const kept: Record<string, unknown> = {}
  for (const name in fields) if (fields[name] !== undefined) kept[name] = fields[name]
  return kept
}

const squeezed = (text: string): string => text.replace(/[ \t\n\r]+/g, ' ').trim()
const total = (list: Loose[], of: (it: Loose) => number): number => list.reduce((sum, it) => sum + of(it), 0)

function after(text: string | undefined, mark: string): string | undefined {
  const at = text?.indexOf(mark) ?? -1
  return at > -1 ? text!.slice(at + mark.length) : text
}

function before(text: string | undefined, mark: string): string | undefined {
  const at = text?.indexOf(mark) ?? -1
  return at > -1 ? text!.slice(0, at) : text
}

/** Half-even on two places, on the digits of the number. */
function rounded(value: number): number {
  const shifted = +`${value}e2`
  let whole = Math.round(shifted)
  if (Math.abs(whole - shifted) === 0.5 && whole % 2 !== 0) whole -= 1
  return +`${whole}e-2`
}
