-- What was loaded, by unified table
select 'party' as "table", format('{:,}', count(*)) as rows from customer.party union all
select 'identifier', format('{:,}', count(*)) from customer.identifier union all
select 'relationship', format('{:,}', count(*)) from customer.relationship union all
select 'product', format('{:,}', count(*)) from customer.product union all
select 'sales_order', format('{:,}', count(*)) from customer.sales_order union all
select 'order_line', format('{:,}', count(*)) from customer.order_line union all
select 'event', format('{:,}', count(*)) from customer.event union all
select 'consent_event', format('{:,}', count(*)) from customer.consent_event union all
select 'ticket', format('{:,}', count(*)) from customer.ticket union all
select 'campaign', format('{:,}', count(*)) from customer.campaign;

-- Who are our best customers?
select p.full_name as customer, count(*) as orders, format('{:,.2f}', sum(o.net)) as "revenue in EUR",
  max(o.ordered_at)::date as "last order"
from customer.sales_order o join customer.party p on p.id = o.party_id
group by p.id, p.full_name order by sum(o.net) desc limit 5;

-- How does revenue go? (returns taken off)
select strftime(ordered_at, '%Y-%m') as month, count(*) as orders, format('{:,.2f}', sum(net)) as "revenue in EUR",
  repeat('█', (sum(net) / 4000)::int) as " "
from customer.sales_order
where ordered_at >= timestamp '2025-07-01'
group by month order by month;

-- Is every cent there? (orders and their lines, added up on their own)
select format('{:,.4f}', (select sum(net) from customer.sales_order)) as orders,
  format('{:,.4f}', (select sum(net) from customer.order_line)) as lines;

-- Whom may we mail? (the latest word of each person, in both systems)
select source, status, count(*) as people from (
  select distinct on (party_id, purpose, channel) source, status
  from customer.consent_event order by party_id, purpose, channel, occurred_at desc
) group by all order by source, status;

-- Which campaigns bring orders?
select c.name as campaign, c.starts_at::date as sent, count(distinct e.party_id) as readers,
  (select count(*) from customer.sales_order o where o.campaign_id = c.id) as orders
from customer.campaign c left join customer.event e on e.campaign_id = c.id and e.type = 'open'
group by c.id, c.name, c.starts_at order by orders desc, c.id limit 5;

-- Who has an open complaint, and should hear from us before the next mailing does?
select p.full_name as customer, t.subject, t.opened_at::date as since, o.number as "about order"
from customer.ticket t
join customer.party p on p.id = t.party_id
left join customer.sales_order o on o.id = t.order_id
where t.kind = 'complaint' and t.closed_at is null
order by t.opened_at desc, t.id limit 5;
