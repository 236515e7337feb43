import type { Line } from './files.ts'
import { awake, dayText, LAST_DAY, later, localText, type Minute } from './moment.ts'
import { COMPANIES, FAMILIES, MAIL_HOSTS, MEN, STREETS, TOWNS, WOMEN } from './names.ts'
import type { Chance } from './random.ts'

export interface Customer {
  number: number
  firstName: string
  infix?: string
  lastName: string
  email?: string
  registered: Minute
  line: Line
}

/** Customers, of whom some are in it twice under another address, and a few rows that no load can take. */
export function customers(count: number, chance: Chance): Customer[] {
  const all: Customer[] = []
  for (let index = 0; index < count; index++) {
    const twin = index > 100 && chance.percent(4) ? all[chance.between(0, index - 1)] : undefined
    // Numbers are given out in order, most of them in later years.
    const day = Math.floor(Math.sqrt(index / count) * (LAST_DAY - 30))
    all.push(customer(10_001 + index, awake(day, chance), chance, twin))
  }
  spoil(all, chance)
  return all
}

function customer(number: number, registered: Minute, chance: Chance, twin?: Customer): Customer {
  const woman = chance.percent(52)
  const [infix, lastName] = twin ? [twin.infix, twin.lastName] : chance.pick(FAMILIES)
  const firstName = twin?.firstName ?? chance.pick(woman ? WOMEN : MEN)
  const email = chance.percent(94) ? address(firstName, infix, lastName, chance) : undefined
  const who = {
    customer_no: number,
    salutation: twin
      ? (twin.line['salutation'] as string)
      : chance.percent(90)
        ? woman
          ? 'Mevr.'
          : 'Dhr.'
        : undefined,
    first_name: firstName,
    infix,
    last_name: lastName,
    birth_date: twin ? twin.line['birth_date'] : birthDate(chance),
    email,
    phone: chance.percent(25) ? landline(chance) : undefined,
    mobile: chance.percent(70) ? mobile(chance) : undefined,
  }
  const line = { ...who, ...home(chance, twin), ...business(chance), ...account(registered, chance) }
  return { number, firstName, infix, lastName, email, registered, line }
}

function address(first: string, infix: string | undefined, last: string, chance: Chance): string {
  const plain = (text: string) =>
    text
      .normalize('NFD')
      .replace(/[^A-Za-z]/g, '')
      .replaceAll('ı', 'i')
      .toLowerCase()
  const name = chance.pick([
    `${plain(first)}.${plain((infix ?? '') + last)}`,
    `${plain(first)[0]}${plain(last)}${chance.between(1950, 2008)}`,
    `${plain(first)}${chance.digits(3)}`,
  ])
  const whole = `${name}@${chance.pick(MAIL_HOSTS)}`
  return chance.percent(5) ? whole.toUpperCase() : whole
}

function birthDate(chance: Chance): string | undefined {
  if (chance.percent(25)) return undefined
  if (chance.percent(0.4)) return chance.pick(['1984-02-31', '0000-00-00', 'onbekend', '1979-13-01'])
  return dayText(-chance.between(13 * 365, 78 * 365))
}

function mobile(chance: Chance): string {
  const digits = chance.pick(['1', '2', '3', '4', '5', '8']) + chance.digits(7)
  const pairs = `${digits.slice(0, 2)} ${digits.slice(2, 4)} ${digits.slice(4, 6)} ${digits.slice(6)}`
  return chance.pick([
    `06-${digits}`,
    `06${digits}`,
    `+31 6 ${pairs}`,
    `+316${digits}`,
    `00316${digits}`,
    `06 ${pairs}`,
  ])
}

function landline(chance: Chance): string {
  const { area, country } = chance.pick(TOWNS)
  const digits = chance.pick(['2', '3', '4', '7']) + chance.digits(9 - area.length)
  const international = `+${country === 'NL' ? 31 : 32} ${area.slice(1)} ${digits}`
  return chance.pick([`${area}-${digits}`, `(${area}) ${digits}`, `${area}${digits}`, international])
}

function home(chance: Chance, twin?: Customer): Line {
  const town = chance.pick(TOWNS)
  const digits = String(chance.between(...town.postcodes))
  const letters = chance.pick(['AB', 'BC', 'EK', 'HL', 'NP', 'RT', 'VX', 'ZW'])
  const gap = chance.percent(60) ? ' ' : ''
  if (!twin && chance.percent(8))
    return {
      street: undefined,
      house_no: undefined,
      house_no_suffix: undefined,
      postcode: undefined,
      city: town.name,
      country: town.country,
    }
  return {
    street: chance.pick(STREETS),
    house_no: chance.between(1, 320),
    house_no_suffix: chance.percent(15) ? chance.pick(['a', 'B', '-II', 'hs', ' bis']) : undefined,
    postcode: town.country === 'BE' ? digits : `${digits}${gap}${letters}`,
    city: town.name,
    country: town.country,
  }
}

function business(chance: Chance): Line {
  if (!chance.percent(3)) return { company: undefined, vat_no: undefined }
  return { company: chance.pick(COMPANIES), vat_no: `NL${chance.digits(9)}B0${chance.between(1, 9)}` }
}

function account(registered: Minute, chance: Chance): Line {
  const asked = chance.percent(80)
  return {
    tier: chance.pick(['brons', 'brons', 'brons', 'zilver', 'goud', undefined]),
    points: chance.between(0, 4_000),
    newsletter: asked ? (chance.percent(62) ? 'ja' : 'nee') : undefined,
    // Before the form was renewed its answers were kept without their time.
    newsletter_at: asked && chance.percent(90) ? localText(registered + 3) : undefined,
    state: chance.pick(['A', 'A', 'A', 'A', 'P', 'X']),
    created_at: localText(registered),
    updated_at: localText(later(registered, 200, chance)),
  }
}

/** One row in 250 has lost its number or says nonsense where a time should be: these are to be set aside. */
function spoil(all: Customer[], chance: Chance): void {
  for (let count = Math.floor(all.length / 250); count > 0; count--) {
    const { line } = chance.pick(all)
    if (chance.percent(20)) line['customer_no'] = undefined
    else line['created_at'] = chance.pick(['gisteren', '2024-13-40 12:00:00', '31/05/2023', '-'])
  }
}
