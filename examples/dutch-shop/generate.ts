/**
 * Writes the sample data of De Kade. All people are invented, and the same seed gives the same bytes.
 *
 *   npx tsx generate.ts [folder] [seed]
 */
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { customers } from './generator/customers.ts'
import { csv, jsonLines, write } from './generator/files.ts'
import { activity, campaigns, subscribers } from './generator/mail.ts'
import { orders } from './generator/orders.ts'
import { products } from './generator/products.ts'
import { seeded } from './generator/random.ts'
import { tickets } from './generator/tickets.ts'

const SEED = 1585
const SIZE = { customers: 6_000, products: 240, orders: 14_000, subscribers: 4_000, tickets: 2_500 }

/** @returns text of every file, by its path in the data folder */
export function sampleData(seed = SEED, size = SIZE): Record<string, string> {
  // Each kind of data has its own chance: more of one does not change the others.
  const people = customers(size.customers, seeded(seed))
  const goods = products(size.products, seeded(seed + 1))
  const mailings = campaigns(seeded(seed + 2))
  const trade = { buyers: people, goods, campaigns: mailings.map((it) => it.code) }
  const sales = orders(size.orders, trade, seeded(seed + 3))
  const readers = subscribers(size.subscribers, people, seeded(seed + 4))
  const mail = (rows: Parameters<typeof csv>[0]) => csv(rows, ';')
  return {
    'shop/customers.csv.gz': csv(people.map((it) => it.line)),
    'shop/products.csv': csv(goods.map((it) => it.line)),
    'shop/orders.jsonl.gz': jsonLines(sales),
    'mail/newsletter.csv': mail(readers.map((it) => it.line)),
    'mail/campaigns.csv': mail(mailings.map((it) => it.line)),
    'mail/activity.csv': mail(activity(mailings, readers, seeded(seed + 5))),
    'desk/support.jsonl': jsonLines(tickets(size.tickets, people, sales, seeded(seed + 6))),
  }
}

function generate(folder: string, seed = SEED): void {
  for (const [path, text] of Object.entries(sampleData(seed))) write(join(folder, path), text)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [folder = fileURLToPath(new URL('./data', import.meta.url)), seed] = process.argv.slice(2)
  generate(folder, seed === undefined ? SEED : Number(seed))
}
