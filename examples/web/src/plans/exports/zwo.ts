import type { CyclingBlock, CyclingStep, Ride } from '../plan.ts'

/** A ride for Zwift and what reads its files; power is in parts of FTP. */
export function writeZwo(ride: Ride): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<workout_file>',
    `  <name>${escapeXml(ride.title)}</name>`,
    `  <description>${escapeXml(ride.description)}</description>`,
    '  <sportType>bike</sportType>',
    '  <workout>',
    ...ride.blocks.flatMap(writeBlock).map((line) => `    ${line}`),
    '  </workout>',
    '</workout_file>',
    '',
  ].join('\n')
}

function writeBlock({ repeats, steps }: CyclingBlock): string[] {
  const [on, off] = steps
  if (repeats > 1 && on && off && steps.length === 2) {
    return [
      element('IntervalsT', {
        Repeat: repeats,
        OnDuration: on.duration_seconds,
        OffDuration: off.duration_seconds,
        OnPower: power(on),
        OffPower: power(off),
      }),
    ]
  }
  return Array.from({ length: repeats }, () => steps.map(writeStep)).flat()
}

function writeStep(step: CyclingStep): string {
  const Duration = step.duration_seconds
  const low = part(step.percent_ftp_low)
  const high = part(step.percent_ftp_high)
  if (step.kind === 'warm_up') {
    return element('Warmup', { Duration, PowerLow: low, PowerHigh: high })
  }
  if (step.kind === 'cool_down') {
    // Zwift goes from low to high also here, so that the higher power comes first.
    return element('Cooldown', { Duration, PowerLow: high, PowerHigh: low })
  }
  return element('SteadyState', { Duration, Power: power(step) })
}

const part = (percent: number) => Math.round(percent * 10) / 1000
const power = (step: CyclingStep) => part((step.percent_ftp_low + step.percent_ftp_high) / 2)

function element(name: string, attributes: Record<string, number>): string {
  const written = Object.entries(attributes).map(([key, value]) => `${key}="${value}"`)
  return `<${name} ${written.join(' ')}/>`
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

// biome-ignore lint/suspicious/noControlCharactersInRegex: XML has no way to write them
const UNWRITABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/gu

function escapeXml(text: string): string {
  return text.replace(UNWRITABLE, '').replace(/[&<>"]/gu, (letter) => ENTITIES[letter] ?? letter)
}
