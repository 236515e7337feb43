import type { Row } from '../../core/value.ts'
import { freshPostgres, type TestDatabase } from './databases.ts'
import { byId, type Truth } from './oracle.ts'
import { emails, SHOP_CONNECTION, type Shop } from './shop.ts'

/** A shop that stays as large as it is: whatever goes is replaced, by something new or by what went before. */
export interface SteadyShop extends Shop {
  /** All has been read: people may change their minds once more, and `steady` begins anew. */
  settled(): void
  /** Ids of rows that have stood since `settled` without a break: no fault excuses their absence. */
  steady(): { party: string[]; sales_order: string[] }
}

// Customers have a cursor, a comparison of keys and a history; orders are read in full every time.
const FILES = {
  ...SHOP_CONNECTION,
  'pipelines/shop.yaml': `pipeline: shop
connection: shop_db
datasets:
  customers:
    from: public.customers
    cursor: updated_at
    deletes: scan
    to:
      party:
        kind: { is: person }
        family_name: last_name
      identifier:
        - as: email
          type: { is: email }
          value: email
      consent_event:
        append_on: status
        purpose: { is: newsletter }
        status: consent
        occurred_at: consent_at
  orders:
    from: public.orders
    to:
      sales_order:
        kind: { is: order }
        party_id: $ref("customers", customer_id)
        number: order_id
        net: net
`,
}

/** Even customers stay and change their minds, odd ones go and come back and say nothing. */
const schema = (rows: number) => `
create table customers (
  customer_id integer primary key, last_name text not null, email text, consent text, consent_at timestamptz,
  updated_at timestamptz not null
);
create table orders (order_id bigint primary key, customer_id integer not null, net numeric(12, 2));
create table consent_log (n bigserial primary key, customer_id integer, status text, at timestamptz);
insert into customers
select n, 'van der ' || md5(n::text), case when n % 3 > 0 then 'ada' || n || '@example.org' end,
       case when n % 2 = 0 then 'granted' end, case when n % 2 = 0 then timestamptz '2024-01-01 00:00:00.123456+00' end,
       timestamptz '2024-01-01 00:00:00.123456+00' + n * interval '1 minute'
  from generate_series(1, ${rows}) n;
insert into orders select n, 1 + n * 7 % ${rows}, n * 1.37 from generate_series(1, ${rows}) n;
insert into consent_log (customer_id, status, at) select customer_id, consent, consent_at from customers
 where consent is not null order by customer_id;
analyze;`

export async function steadyShop(rows: number): Promise<SteadyShop> {
  const database = await freshPostgres('shop')
  await database.query(schema(rows))
  const all = Array.from({ length: rows }, (_, i) => i + 1)
  const customers = new Crowd(
    all.filter((it) => it % 2 === 1),
    2,
  )
  const orders = new Crowd(all, 1)
  const even = all.filter((it) => it % 2 === 0)
  const changed = new Set<number>()
  const minds = (random: () => number) => {
    const open = even.filter((it) => !changed.has(it))
    const some = pick(open, Math.min(3, open.length), random)
    for (const id of some) changed.add(id)
    return some
  }
  return {
    database,
    files: FILES,
    env: { SHOP_DB_URL: database.url },
    // Rows change, go, come and come back; people change their minds.
    async trade(random) {
      const leaving = { customers: customers.leave(2, random), orders: orders.leave(4, random) }
      const coming = { customers: customers.come(2, random), orders: orders.come(4, random) }
      await database.query(`
        update customers set last_name = last_name || '!', updated_at = now() where customer_id in (${pick(all, 8, random)});
        update customers set email = null, updated_at = now() where customer_id in (${pick(all, 4, random)});
        update customers set consent = case consent when 'granted' then 'withdrawn' else 'granted' end,
          consent_at = now(), updated_at = now() where customer_id in (${[0, ...minds(random)]});
        insert into consent_log (customer_id, status, at)
          select customer_id, consent, consent_at from customers where consent_at = now() order by 1;
        update orders set net = net + 0.01 where order_id in (${pick(all, 8, random)});
        delete from customers where customer_id in (${leaving.customers});
        delete from orders where order_id in (${leaving.orders});
        insert into customers select n, 'New', 'new' || n || '@example.org', null, null, now()
          from unnest(array[${coming.customers}]) n;
        insert into orders select n, 2, n from unnest(array[${coming.orders}]) n`)
    },
    settled() {
      changed.clear()
      customers.settled()
      orders.settled()
    },
    truth: () => truth(database),
    steady: () => ({
      party: [...even, ...customers.steady].map((it) => `shop:customers:${it}`),
      sales_order: [...orders.steady].map((it) => `shop:orders:${it}`),
    }),
  }
}

/** Ids that are there and ids that have gone. */
class Crowd {
  steady: Set<number>
  private readonly here: Set<number>
  private readonly gone: number[] = []
  private readonly step: number
  private newest = 1_000_001

  constructor(ids: number[], step: number) {
    this.here = new Set(ids)
    this.steady = new Set(ids)
    this.step = step
  }

  leave(count: number, random: () => number): number[] {
    const some = pick([...this.here], count, random)
    for (const id of some) {
      this.here.delete(id)
      this.steady.delete(id)
      this.gone.push(id)
    }
    return some
  }

  /** Half of them are new, the others come back, but none that has just left. */
  come(count: number, random: () => number): number[] {
    const some = Array.from({ length: count }, () => {
      if (random() < 0.5 && this.gone.length > 2 * count) return this.gone.shift()!
      this.newest += this.step
      return this.newest
    })
    for (const id of some) this.here.add(id)
    return some
  }

  settled(): void {
    this.steady = new Set(this.here)
  }
}

/** `count` different items. */
function pick<T>(items: T[], count: number, random: () => number): T[] {
  const left = [...items]
  return Array.from({ length: count }, () => left.splice(Math.floor(random() * left.length), 1)[0]!)
}

/** Written in SQL by hand, so that it shares no mistake with the mapping that it judges. */
async function truth(database: TestDatabase): Promise<Truth> {
  const party = await database.query<Row>(
    `select 'shop:customers:' || customer_id as id, 'person' as kind, last_name as family_name from customers`,
  )
  const order = await database.query<Row>(`
    select 'shop:orders:' || order_id as id, 'shop:customers:' || customer_id as party_id, 'order' as kind,
           order_id::text as number, net::numeric(18, 4)::text as net
      from orders`)
  const consent = await database.query<Row>(`
    select 'shop:customers:' || customer_id || case when nth > 1 then ':' || nth else '' end as id,
           'shop:customers:' || customer_id as party_id, 'newsletter' as purpose, status,
           to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as occurred_at
      from (select *, row_number() over (partition by customer_id order by n) as nth from consent_log) as log`)
  return {
    party: byId(party),
    identifier: await emails(database),
    sales_order: byId(order),
    consent_event: byId(consent),
  }
}
