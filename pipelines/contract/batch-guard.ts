import type { Batch, Column } from '../../core/batch.ts'
import { ContractError, type Problem } from '../../core/errors.ts'
import type { DatasetFacts, Field, RowSchema } from '../../core/field.ts'
import { type Agreement, brokenBy, changeOf } from './agreement.ts'
import type { Context } from './context.ts'
import { agreed, type Difference, differences, merged, typeText } from './differences.ts'
import { absentProblem, goneProblem, removedProblem, warnings } from './problems.ts'
import { type Guarded, leaveOutValues, refuseRows, type Watched } from './watched.ts'

/** So many rows in succession without a field that every row had: the source has changed, they are no exceptions. */
const ABSENT_RUN = 100

export interface GuardAsk {
  agreement: Agreement
  context: Context
  facts: DatasetFacts
  /** A reading came to its end before: what JSON rows hold is known. */
  settled: boolean
  /** All fields are read, so one that is missing is seen. */
  everything: boolean
}

/** Holds the batches of one reading to the contract; sources change while they are read. */
export class BatchGuard {
  /** To be stored with the next commit; absent: what is stored stays. */
  store: RowSchema | undefined
  /** Found since the reading began; nothing is told twice. */
  readonly warnings: Problem[] = []
  private readonly ask: GuardAsk
  /** What a batch is expected to be like. */
  private expected: RowSchema
  private looked: RowSchema | undefined
  private watched: Watched[] = []
  private readonly absent = new Map<string, number>()
  /** Fields of JSON that some row had. */
  private readonly seen = new Set<string>()

  constructor(ask: GuardAsk) {
    const { agreement, context } = ask
    this.ask = ask
    this.store = agreement.store
    const isLenient = context.accept || agreement.word === 'evolve'
    this.expected = isLenient
      ? agreed(merged(agreement.baseline, agreed(ask.facts.schema)))
      : agreement.baseline
  }

  /** Fields to be read beside those that the mapping takes; `*` where rows may have any. */
  get fields(): string[] {
    const { agreement, facts, context } = this.ask
    if (context.accept || agreement.word === 'evolve') return []
    if (facts.schema.open) return ['*']
    return agreement.differences.flatMap((it) => (it.change === 'added' ? [it.field] : []))
  }

  /** @throws {ContractError} E320, E321: the batch breaks the contract */
  guard(batch: Batch, columns: Column[]): Guarded {
    if (batch.schema !== this.looked) this.look(batch.schema, batch.rows)
    this.countAbsent(batch)
    if (this.watched.length === 0) return { batch, columns, changes: [] }
    return this.ask.agreement.word === 'discard_row'
      ? refuseRows(batch, columns, this.watched)
      : leaveOutValues(batch, columns, this.watched)
  }

  /** `schema` is stored now; what was found meanwhile still has to be. */
  stored(schema: RowSchema | undefined): void {
    if (this.store === schema) this.store = undefined
  }

  /** What can only be told when all is read. */
  finish(): void {
    const { agreement, context } = this.ask
    for (const [name, rows] of this.absent) this.warnings.push(absentProblem(name, rows, context))
    const unseen = agreement.differences.filter(
      (it) => it.change === 'removed' && it.sparse && context.used.has(it.field) && !this.seen.has(it.field),
    )
    if (unseen.length > 0) this.warnings.push(removedProblem(unseen, context))
  }

  private look(whole: RowSchema, rows: number): void {
    const { agreement, context } = this.ask
    this.looked = whole
    const schema = whole.open ? present(whole, rows) : whole
    if (whole.open) for (const it of schema.fields) this.seen.add(it.name)
    const found = this.news(schema)
    const growing = schema.open && !this.ask.settled
    const word = context.accept || growing ? 'evolve' : agreement.word
    const broken = brokenBy(found, word, context)
    if (broken) throw new ContractError(broken.code, broken)
    if (word === 'evolve') this.take(schema, found)
    else this.watch(whole, found)
  }

  /** Differences that nobody knew of when the reading began. Fields that were not asked for are not missed. */
  private news(schema: RowSchema): Difference[] {
    const { everything, context } = this.ask
    const has = new Set(schema.fields.map((it) => it.name))
    const isMissed = (name: string) => !schema.open && (everything || context.used.has(name))
    const fields = this.expected.fields.filter((it) => has.has(it.name) || isMissed(it.name))
    const found = differences({ ...this.expected, fields }, agreed(schema))
    return found.filter((it) => !this.isKnown(it))
  }

  private isKnown(it: Difference): boolean {
    if (it.change === 'removed' && it.partly) return true
    return this.ask.agreement.differences.some(
      (known) =>
        known.field === it.field &&
        known.change === it.change &&
        (!('now' in it) || !('now' in known) || typeText(known.now) === typeText(it.now)),
    )
  }

  private take(schema: RowSchema, found: Difference[]): void {
    if (found.length === 0) return
    const { agreement, context } = this.ask
    // A field that the sample did not show is not in every row.
    const known = new Set(this.expected.fields.map((it) => it.name))
    const fields = schema.fields.map((it) =>
      schema.open && !known.has(it.name) ? { ...it, optional: true } : it,
    )
    this.expected = agreed(merged(this.expected, { ...schema, fields }))
    this.store = this.expected
    agreement.differences.push(...found)
    if (agreement.first && schema.open) return
    const changes = found.map((it) => changeOf(it, context.used, 'evolve'))
    this.warnings.push(...warnings(changes, found, context))
  }

  private watch(schema: RowSchema, found: Difference[]): void {
    const { agreement, context } = this.ask
    const changes = found.map((it) => changeOf(it, context.used, agreement.word))
    this.warnings.push(...warnings(changes, found, context))
    this.watched = [...agreement.differences, ...found].flatMap((it) => {
      const at = schema.fields.findIndex(({ name }) => name === it.field)
      if (at < 0 || it.change === 'removed') return []
      return [{ at, field: it.field, ...(it.change === 'retyped' ? { was: it.was } : {}) }]
    })
    this.ask.agreement.differences.push(...found)
  }

  private countAbsent({ schema }: Batch): void {
    if (!schema.absent) return
    const { context, facts, agreement } = this.ask
    if (context.accept) {
      this.loosen(schema.absent)
      return
    }
    for (const [name, { rows, run }] of schema.absent) {
      const isKnown = (it: Field) => it.name === name && !it.optional
      const always = [facts.schema, agreement.baseline].some((it) => it.fields.some(isKnown))
      const sometimes = agreement.baseline.fields.some((it) => it.name === name && it.optional)
      if (!always || sometimes || !context.used.has(name)) continue
      const was = facts.schema.fields.find(isKnown) ?? agreement.baseline.fields.find(isKnown)!
      if (run >= ABSENT_RUN) {
        const gone = goneProblem(
          [{ change: 'removed', field: name, was, sparse: false, partly: true }],
          context,
        )
        throw new ContractError(gone.code, gone)
      }
      this.absent.set(name, (this.absent.get(name) ?? 0) + rows)
    }
  }

  /** Accepted: these fields need not be in every row. */
  private loosen(absent: NonNullable<RowSchema['absent']>): void {
    const isStrict = (it: Field) => !it.optional && absent.has(it.name)
    if (!this.expected.fields.some(isStrict)) return
    const fields = this.expected.fields.map((it) => (isStrict(it) ? { ...it, optional: true } : it))
    this.expected = { ...this.expected, fields }
    this.store = this.expected
  }
}

/** The fields of JSON that some row of the batch has. */
const present = (schema: RowSchema, rows: number): RowSchema => ({
  ...schema,
  fields: schema.fields.filter((it) => (schema.absent?.get(it.name)?.rows ?? 0) < rows),
})
