import { expect, test } from 'vitest'
import { Slots } from './slots.ts'
import { Turn } from './turn.ts'

test('a turn is taken once, given back once, and may be taken again', async () => {
  const slots = new Slots(1)
  const [one, other] = [new Turn(slots), new Turn(slots)]
  await one.take()
  await one.take()
  const waiting = other.take().then(() => 'taken')
  one.give()
  one.give()
  expect(await waiting).toBe('taken')
  expect(slots.takeFree(1)).toBe(0)
  other.give()
  expect(slots.takeFree(2)).toBe(1)
})
