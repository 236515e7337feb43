import type { Customer } from './customers.ts'
import type { Line } from './files.ts'
import { awake, DAY, FIRST_ORDER_DAY, LAST_DAY, type Minute, utcText } from './moment.ts'
import { money } from './products.ts'
import type { Chance } from './random.ts'

export interface Campaign {
  code: string
  sent: Minute
  line: Line
}

export interface Subscriber {
  id: string
  confirmed?: Minute
  left?: Minute
  line: Line
}

const SEASONS = ['winter', 'lente', 'zomer', 'herfst'] as const
const THEMES = ['nieuw', 'actie', 'recept'] as const

/** Three mailings a season. */
export function campaigns(chance: Chance): Campaign[] {
  const all: Campaign[] = []
  for (let day = FIRST_ORDER_DAY + 20, count = 0; day < LAST_DAY; day += 30, count++) {
    const theme = THEMES[count % 3]!
    const season = SEASONS[Math.floor(count / 3) % 4]!
    const code = `${season}-${2023 + Math.floor(count / 12)}-${theme}`
    const sent = day * DAY + 10 * 60
    const line = {
      campaign: code,
      title: `${season[0]!.toUpperCase()}${season.slice(1)}: ${theme}`,
      subject: chance.pick([
        'Vers aan de kade',
        'Alleen deze week',
        'Uit de keuken; voor u',
        'Het ruim is vol',
      ]),
      sent_at: utcText(sent),
      cost: money(chance.between(4_000, 22_000)),
    }
    all.push({ code, sent, line })
  }
  return all
}

/** The newsletter's audience: most are customers, some never bought; some never confirmed, some have left. */
export function subscribers(count: number, people: Customer[], chance: Chance): Subscriber[] {
  const readers = people.filter((it) => it.email).slice(0, count)
  return readers.map((person, index) => {
    const signedUp = awake(chance.between(Math.floor(person.registered / DAY), LAST_DAY - 20), chance)
    const confirmed = chance.percent(93) ? signedUp + chance.between(1, 90) : undefined
    const left =
      confirmed && chance.percent(14)
        ? awake(chance.between(Math.floor(confirmed / DAY) + 1, LAST_DAY), chance)
        : undefined
    const cleaned = confirmed && !left && chance.percent(2)
    const ip = `192.0.2.${chance.between(1, 254)}`
    const id = String(700_001 + index)
    const line = {
      LEID: id,
      'Email Address': chance.percent(20) ? person.email!.toLowerCase() : person.email,
      'First Name': chance.percent(85) ? person.firstName : undefined,
      'Last Name': chance.percent(80) ? [person.infix, person.lastName].filter(Boolean).join(' ') : undefined,
      CUSTOMER_NO: chance.percent(55) ? person.number : undefined,
      MEMBER_RATING: chance.between(1, 5),
      OPTIN_TIME: utcText(signedUp),
      OPTIN_IP: ip,
      CONFIRM_TIME: confirmed && utcText(confirmed),
      CONFIRM_IP: confirmed && ip,
      UNSUB_TIME: left && utcText(left),
      UNSUB_REASON: left && chance.pick(['NORMAL', 'te veel; te vaak', 'SPAM']),
      STATUS: left ? 'unsubscribed' : cleaned ? 'cleaned' : confirmed ? 'subscribed' : 'pending',
    }
    return { id, confirmed, left, line }
  })
}

/** What readers did with what they were sent, one or two acts each, so that no act is there twice. */
export function activity(mailings: Campaign[], readers: Subscriber[], chance: Chance): Line[] {
  return mailings.flatMap((mailing) =>
    readers
      .filter((reader) => isReader(reader, mailing.sent) && chance.percent(24))
      .flatMap((reader) => reactions(mailing, reader, chance)),
  )
}

const isReader = ({ confirmed, left }: Subscriber, sent: Minute): boolean =>
  confirmed !== undefined && confirmed < sent && (left === undefined || left > sent)

function reactions(mailing: Campaign, reader: Subscriber, chance: Chance): Line[] {
  const act = (action: string, minutesLater: number, url?: string): Line => ({
    campaign: mailing.code,
    leid: reader.id,
    action,
    at: utcText(mailing.sent + minutesLater),
    url,
  })
  if (chance.percent(2)) return [act('bounce', 1)]
  const opened = chance.between(5, 1_000)
  if (chance.percent(80)) return [act('open', opened)]
  return [act('open', opened), act('click', opened + 1, `https://dekade.example/${mailing.code}`)]
}
