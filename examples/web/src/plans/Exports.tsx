import { Icon } from '../frame/Icon.tsx'
import { Button } from '../frame/parts.tsx'
import { writeCsv } from './exports/csv.ts'
import { download, nameFile } from './exports/download.ts'
import { writeIcs } from './exports/ics.ts'
import type { StoredPlan } from './stored.ts'

/** The plan for other programs. A ride's .zwo is with the ride. */
export function Exports({ stored }: { stored: StoredPlan }) {
  const { plan } = stored
  return (
    <div className="flex flex-wrap gap-3">
      <Button
        onClick={() => download(nameFile(plan.title, 'ics'), 'text/calendar', writeIcs(stored))}
      >
        <Icon name="download" />
        Calendar (.ics)
      </Button>
      <Button onClick={() => download(nameFile(plan.title, 'csv'), 'text/csv', writeCsv(plan))}>
        <Icon name="download" />
        Table (.csv)
      </Button>
    </div>
  )
}
