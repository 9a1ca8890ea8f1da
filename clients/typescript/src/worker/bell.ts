const LONGEST_TIMER = 2 ** 31 - 1

/** Something to wait for: that it rings, or that the time is over. */
export class Bell {
  #hasRung = false
  #wake: (() => void) | undefined

  ring(): void {
    this.#hasRung = true
    this.#wake?.()
  }

  /** Waits for so many milliseconds, and not at all if it has rung since the last wait. */
  async wait(milliseconds: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined
    if (!this.#hasRung && milliseconds > 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        timer = setTimeout(resolve, Math.min(milliseconds, LONGEST_TIMER))
      })
    }
    clearTimeout(timer)
    this.#hasRung = false
  }
}
