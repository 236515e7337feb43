import type { Customer } from './customers.ts'
import { awake, dayText, FIRST_ORDER_DAY, LAST_DAY, later, localText, type Minute } from './moment.ts'
import type { Product } from './products.ts'
import type { Chance } from './random.ts'

export interface Order {
  order_no: string
  type: 'bestelling' | 'retour'
  customer_no?: number
  placed_at: string
  channel: string
  status: string
  lines: Line[]
  [other: string]: unknown
}

interface Line {
  nr: number
  sku: string
  qty: number
  price: number
  discount: number
  vat: number
}

export interface Trade {
  /** In the order in which they registered. */
  buyers: Customer[]
  goods: Product[]
  campaigns: string[]
}

/** Orders in the order of their numbers, with returns, guests, and a few whose time is unreadable. */
export function orders(count: number, trade: Trade, chance: Chance): Order[] {
  const days = Array.from({ length: count }, () => orderDay(chance)).sort((a, b) => a - b)
  const all: Order[] = []
  for (const [index, day] of days.entries()) {
    const number = `K${dayText(day).slice(0, 4)}-${String(index + 1).padStart(6, '0')}`
    const placed = awake(day, chance)
    const earlier = index > 500 && chance.percent(4) ? all[index - chance.between(50, 400)] : undefined
    if (earlier?.status === 'verzonden') all.push(returned(number, earlier, placed))
    else all.push(order(number, placed, trade, chance))
  }
  for (let left = Math.floor(count / 2000); left > 0; left--)
    chance.pick(all).placed_at = '2025-02-30T25:61:00'
  return all
}

/** More of them in later years, and in November and December. */
function orderDay(chance: Chance): number {
  const day = FIRST_ORDER_DAY + Math.floor(Math.sqrt(chance.number()) * (LAST_DAY - FIRST_ORDER_DAY + 1))
  const yearBegan = FIRST_ORDER_DAY + Math.floor((day - FIRST_ORDER_DAY) / 365) * 365
  const festive = yearBegan + chance.between(305, 364)
  return festive <= LAST_DAY && chance.percent(12) ? festive : day
}

function order(number: string, placed: Minute, trade: Trade, chance: Chance): Order {
  const channel = chance.pick(['web', 'web', 'web', 'app', 'app', 'winkel'])
  const buyer = pickBuyer(placed, trade.buyers, chance)
  const lines = Array.from({ length: chance.pick([1, 1, 1, 2, 2, 3, 4]) }, (_, at) =>
    line(at + 1, trade.goods, chance),
  )
  const cancelled = chance.percent(3)
  return {
    order_no: number,
    type: 'bestelling',
    customer_no: chance.percent(6) ? undefined : buyer.number,
    placed_at: localText(placed, 'T'),
    channel,
    store: channel === 'winkel' ? 'Rotterdam, Kade 12' : undefined,
    status: cancelled ? 'geannuleerd' : 'verzonden',
    campaign: chance.percent(15) ? chance.pick(trade.campaigns) : undefined,
    shipping: channel === 'winkel' ? 0 : 4.09,
    lines,
    payment: cancelled ? undefined : payment(placed, lines, channel, chance),
    updated_at: localText(later(placed, 5, chance), 'T'),
  }
}

/** Somebody who had registered by then; few buy often and many seldom. */
function pickBuyer(placed: Minute, buyers: Customer[], chance: Chance): Customer {
  const luck = chance.number()
  let at = Math.floor(luck * Math.sqrt(luck) * buyers.length)
  while (at > 0 && buyers[at]!.registered > placed) at = Math.floor(chance.number() * at)
  return buyers[at]!
}

function line(nr: number, goods: Product[], chance: Chance): Line {
  const luck = chance.number()
  const product = goods[Math.floor(luck * luck * goods.length)]!
  const qty = chance.pick([1, 1, 1, 1, 2, 2, 3, 6])
  const discount = chance.pick([0, 0, 0, 0, 0, 0.05, 0.1, 0.15, 0.25])
  const cents = qty * product.cents * (1 - discount)
  const vat = Math.round((cents * product.vat) / 100) / 100
  return { nr, sku: product.sku, qty, price: product.cents / 100, discount, vat }
}

function payment(placed: Minute, lines: Line[], channel: string, chance: Chance): object {
  const cents = lines.map((it) => Math.round((it.qty * it.price * (1 - it.discount) + it.vat) * 100))
  const shipping = channel === 'winkel' ? 0 : 495
  return {
    method: channel === 'winkel' ? 'pin' : chance.pick(['ideal', 'ideal', 'ideal', 'creditcard', 'klarna']),
    paid_at: localText(placed + 2, 'T'),
    amount: cents.reduce((sum, it) => sum + it, shipping) / 100,
  }
}

/** The first line of an order comes back; an order is sent back once. */
function returned(number: string, earlier: Order, placed: Minute): Order {
  earlier.status = 'deels retour'
  return {
    order_no: number,
    type: 'retour',
    original_order_no: earlier.order_no,
    customer_no: earlier.customer_no,
    placed_at: localText(placed, 'T'),
    channel: earlier.channel,
    status: 'ontvangen',
    lines: earlier.lines.slice(0, 1).map((it) => ({ ...it, qty: -it.qty, vat: -it.vat })),
    updated_at: localText(placed, 'T'),
  }
}
