import type { Line } from './files.ts'
import { dayText, LAST_DAY } from './moment.ts'
import type { Chance } from './random.ts'

export interface Product {
  sku: string
  /** Cents, without tax. */
  cents: number
  /** Percent. */
  vat: 9 | 21
  line: Line
}

const SHELVES: readonly (readonly [string, string, string, 9 | 21])[] = [
  ['Keuken', 'Pannen', 'Koekenpan,Braadpan,Steelpan,Wok,Grillpan', 21],
  ['Keuken', 'Servies', 'Beker,Diep bord,Ontbijtbord,Schaal,Theepot', 21],
  ['Keuken', 'Koffie', 'Filterkoffie,Espressobonen,Cafeïnevrij', 9],
  ['Huis', 'Textiel', 'Theedoek,Plaid,Kussen,Tafelkleed', 21],
  ['Huis', 'Verlichting', 'Stormlamp,Bureaulamp,Lantaarn', 21],
  ['Boot', 'Touwwerk', 'Landvast,Schoot,Val', 21],
  ['Boot', 'Onderhoud', 'Boenwas,Teakolie,Bootlak', 21],
  ['Lezen', 'Boeken', 'Kookboek,Vaargids,Stadsgids', 9],
]

export function products(count: number, chance: Chance): Product[] {
  return Array.from({ length: count }, (_, index) => {
    const [category, subcategory, kinds, vat] = chance.pick(SHELVES)
    const cents = chance.between(250, 12_500)
    const sku = `K-${1001 + index}`
    const name = `${chance.pick(kinds.split(','))} ${chance.pick(['Maas', 'Lek', 'Waal', 'IJssel', 'Rotte', 'Schie'])} ${chance.between(1, 40)}`
    const line = {
      sku,
      ean: ean13(`87${chance.digits(10)}`),
      name,
      brand: chance.pick(['De Kade', 'De Kade', 'Noordwind', 'Het Veem', 'Van Loods']),
      category,
      subcategory,
      price: money(cents),
      purchase_price: money(Math.round(cents * (0.4 + chance.number() * 0.3))),
      active: chance.percent(93) ? 'ja' : 'nee',
      updated_at: `${dayText(chance.between(0, LAST_DAY))} 06:00:00`,
    }
    return { sku, cents, vat, line }
  })
}

export const money = (cents: number): string => (cents / 100).toFixed(2)

function ean13(twelve: string): string {
  const sum = [...twelve].reduce((total, digit, index) => total + Number(digit) * (index % 2 ? 3 : 1), 0)
  return `${twelve}${(10 - (sum % 10)) % 10}`
}
