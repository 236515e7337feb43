/**
 * Tells cheaply that no key came twice: keys that only grow, by their text or by length and text (as whole numbers do),
 * are all different.
 */
export class KeyOrder {
  private last?: string
  private byText = true
  private byLength = true

  /** @returns false once keys came in no order that proves it */
  follows(key: string): boolean {
    const { last } = this
    this.last = key
    if (last === undefined) return true
    const greater = key > last
    this.byText &&= greater
    this.byLength &&= key.length === last.length ? greater : key.length > last.length
    return this.byText || this.byLength
  }
}
