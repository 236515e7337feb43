import type { Customer } from './customers.ts'
import { awake, FIRST_ORDER_DAY, LAST_DAY, localText, type Minute, offsetText } from './moment.ts'
import type { Order } from './orders.ts'
import type { Chance } from './random.ts'

const SUBJECTS = {
  vraag: ['Wanneer komt mijn bestelling?', 'Past deze deksel ook op de Lek?', 'Is de lamp waterdicht?'],
  klacht: ['Beker kapot aangekomen', 'Verkeerde kleur geleverd', 'Al twee weken gewacht'],
  verzoek: ['Factuur op naam van het bedrijf', 'Adres wijzigen', 'Retourlabel graag'],
} as const

/** The help desk's tickets with their messages; most are about an order of the weeks before. */
export function tickets(count: number, people: Customer[], sales: Order[], chance: Chance): object[] {
  const days = Array.from({ length: count }, () => chance.between(FIRST_ORDER_DAY + 60, LAST_DAY - 3))
  return days
    .sort((a, b) => a - b)
    .map((day, index) => ticket(`T-${20_001 + index}`, awake(day, chance), people, sales, chance))
}

function ticket(id: string, opened: Minute, people: Customer[], sales: Order[], chance: Chance): object {
  const known = people.filter((it) => it.registered < opened)
  const person = chance.pick(known)
  const type = chance.pick(['vraag', 'vraag', 'klacht', 'verzoek'] as const)
  const own = chance.percent(65) ? recentOrder(opened, sales, chance) : undefined
  const messages = conversation(opened, chance)
  const solved = chance.percent(92)
  return {
    id,
    type,
    requester: {
      email: person.email,
      // An order's number leads to its customer; else only those who are logged in are known by number.
      customer_no: own?.customer_no ?? (chance.percent(60) ? person.number : undefined),
    },
    subject: chance.pick(SUBJECTS[type]),
    channel: chance.pick(['email', 'email', 'chat', 'phone']),
    priority: chance.pick(['normaal', 'normaal', 'hoog']),
    status: solved ? 'opgelost' : 'open',
    assignee: chance.pick(['Mirjam', 'Youssef', 'Ties']),
    order_no: own?.order_no,
    created_at: offsetText(opened),
    solved_at: solved ? offsetText(opened + 24 * 60 + chance.between(1, 400)) : undefined,
    rating: solved && chance.percent(40) ? chance.between(1, 5) : undefined,
    messages,
  }
}

function recentOrder(opened: Minute, sales: Order[], chance: Chance): Order | undefined {
  const now = localText(opened, 'T')
  const later = sales.findIndex((it) => it.placed_at > now)
  return sales[(later < 0 ? sales.length : later) - chance.between(1, 120)]
}

function conversation(opened: Minute, chance: Chance): object[] {
  const from = chance.pick([
    ['customer', 'agent'],
    ['customer', 'customer', 'agent'],
    ['customer', 'agent', 'customer', 'agent'],
    ['customer'],
  ])
  return from.map((it, index) => ({ nr: index + 1, from: it, at: offsetText(opened + index * 47) }))
}
