import { expect, test } from 'vitest'
import { Slots } from './slots.ts'

const turn = () => new Promise((resolve) => setTimeout(resolve, 1))

test('no more than the stated number work at the same time, in the order of asking', async () => {
  const slots = new Slots(2)
  const began: number[] = []
  let working = 0
  let most = 0
  const work = (it: number) =>
    slots.use(async () => {
      began.push(it)
      most = Math.max(most, ++working)
      await turn()
      working -= 1
    })
  await Promise.all([1, 2, 3, 4, 5].map(work))
  expect(began).toEqual([1, 2, 3, 4, 5])
  expect(most).toBe(2)
})

test('what is free can be taken without waiting, and is missed until it is given back', async () => {
  const slots = new Slots(3)
  await slots.take()
  expect(slots.takeFree(5)).toBe(2)
  expect(slots.takeFree(5)).toBe(0)
  let served = false
  const waiting = slots.take().then(() => {
    served = true
  })
  await turn()
  expect(served).toBe(false)
  slots.give(2)
  await waiting
  expect(slots.takeFree(5)).toBe(1)
})

test('a failure gives its slot back', async () => {
  const slots = new Slots(1)
  await expect(slots.use(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await slots.use(async () => 'next')).toBe('next')
})
