import type { Row } from '../../core/value.ts'
import { freshPostgres, type TestDatabase } from './databases.ts'
import { byId, type Truth } from './oracle.ts'

/** A small shop in PostgreSQL whose whole history a test knows. */
export interface Shop {
  database: TestDatabase
  /** `config/connections.yaml` and `pipelines/shop.yaml`; needs SHOP_DB_URL. */
  files: Record<string, string>
  env: Record<string, string>
  /** Updates, inserts and deletes some rows, as a day of business would. */
  trade(random: () => number): Promise<void>
  /** What the source says now, in the words of the unified schema. */
  truth(): Promise<Truth>
}

export const SHOP_CONNECTION = {
  'config/connections.yaml': 'shop_db:\n  connector: postgres\n  url: ${env:SHOP_DB_URL}\n',
}

const FILES = {
  ...SHOP_CONNECTION,
  // customers has a cursor and loses no rows; orders is read in full every time, and rows go.
  'pipelines/shop.yaml': `pipeline: shop
connection: shop_db
datasets:
  customers:
    from: public.customers
    cursor: updated_at
    to:
      party:
        kind: { is: person }
        given_name: first_name
        family_name: last_name
        birth_date: born
      identifier:
        - as: email
          type: { is: email }
          value: email
  orders:
    from: public.orders
    to:
      sales_order:
        kind: { is: order }
        party_id: $ref("customers", customer_id)
        number: order_id
        ordered_at: ordered_at
        currency: { is: EUR }
        net: net
`,
}

const SCHEMA = `
create table customers (
  customer_id integer primary key, first_name text, last_name text not null, email text, born date,
  updated_at timestamptz not null
);
create table orders (
  order_id bigint primary key, customer_id integer not null, ordered_at timestamptz not null, net numeric(12, 2)
);`

/** Every third customer has no e-mail address, every seventh no birthday: rows that make fewer rows. */
const seed = (rows: number) => `
insert into customers
select n, 'Ada ' || n, 'van der ' || md5(n::text),
       case when n % 3 > 0 then 'ada' || n || '@example.org' end,
       case when n % 7 > 0 then date '1950-01-01' + n % 20000 end,
       timestamptz '2024-01-01 00:00:00.123456+00' + n * interval '1 minute'
  from generate_series(1, ${rows}) n;
insert into orders
select n, 1 + n * 7 % ${rows}, timestamptz '2024-06-01 12:00:00+00' + n * interval '61 seconds', n * 1.37
  from generate_series(1, ${rows}) n;
analyze;`

export async function seededShop(rows: number): Promise<Shop> {
  const database = await freshPostgres('shop')
  await database.query(SCHEMA + seed(rows))
  let newest = rows
  return {
    database,
    files: FILES,
    env: { SHOP_DB_URL: database.url },
    async trade(random) {
      const some = () => Array.from({ length: 8 }, () => 1 + Math.floor(random() * rows)).join(', ')
      newest += 1
      await database.query(`
        update customers set last_name = last_name || '!', updated_at = clock_timestamp() where customer_id in (${some()});
        update customers set email = null, updated_at = clock_timestamp() where customer_id in (${some()});
        insert into customers values (${newest}, 'New', 'Customer', 'new${newest}@example.org', null, clock_timestamp());
        update orders set net = net + 0.01 where order_id in (${some()});
        delete from orders where order_id in (${some()});
        insert into orders values (${newest + 1_000_000}, ${newest}, clock_timestamp(), null);`)
    },
    truth: () => truth(database),
  }
}

/** Written in SQL by hand, so that it shares no mistake with the mapping that it judges. */
async function truth(database: TestDatabase): Promise<Truth> {
  const party = await database.query<Row>(`
    select 'shop:customers:' || customer_id as id, 'person' as kind, first_name as given_name,
           last_name as family_name, born::text as birth_date
      from customers`)
  const order = await database.query<Row>(`
    select 'shop:orders:' || order_id as id, 'shop:customers:' || customer_id as party_id, 'order' as kind,
           order_id::text as number, 'EUR' as currency, net::numeric(18, 4)::text as net,
           to_char(ordered_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as ordered_at
      from orders`)
  return { party: byId(party), identifier: await emails(database), sales_order: byId(order) }
}

/** Identifiers of the customers that have an e-mail address. */
export async function emails(database: TestDatabase): Promise<Map<string, Row>> {
  return byId(
    await database.query<Row>(`
    select 'shop:customers:' || customer_id || '#email' as id, 'shop:customers:' || customer_id as party_id,
           'email' as type, email as value
      from customers where email is not null`),
  )
}
