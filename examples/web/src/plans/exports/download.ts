/** Has the browser keep a text as a file. */
export function download(name: string, type: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }))
  const anchor = document.createElement('a')
  anchor.href = address
  anchor.download = name
  anchor.click()
  // Not at once: the browser has yet to read it.
  setTimeout(() => URL.revokeObjectURL(address), 10_000)
}

/** 12-week plan: FTP → 12-week-plan-ftp.csv */
export function nameFile(title: string, ending: string): string {
  const plain = title.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-')
  return `${plain.replace(/^-|-$/gu, '')}.${ending}`
}
