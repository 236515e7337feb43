/** A decoded scalar: `offsets[i]` is where character `i` of `text` stands in the file; one more for its end. */
export interface ScalarMap {
  text: string
  offsets: number[]
}

/** Collects text with the offset of every character. */
export class Builder {
  text = ''
  readonly offsets: number[] = []

  /** `length` characters taken over as they are. */
  copy(piece: string, offset: number): void {
    for (let i = 0; i < piece.length; i++) this.offsets.push(offset + i)
    this.text += piece
  }

  /** Characters that all stand at one spot. */
  put(piece: string, offset: number): void {
    for (let i = 0; i < piece.length; i++) this.offsets.push(offset)
    this.text += piece
  }

  end(offset: number): ScalarMap {
    return { text: this.text, offsets: [...this.offsets, offset] }
  }
}

export interface Line {
  from: number
  text: string
}

/** Lines without their breaks, each with where it begins. */
export function linesOf(source: string): Line[] {
  const lines: Line[] = []
  let from = 0
  for (const piece of source.split('\n')) {
    lines.push({ from, text: piece })
    from += piece.length + 1
  }
  return lines
}
