import { link } from './router.ts'

interface Props {
  label: string
  /** The address of the first one; that of each other one is below it. */
  home: string
  /** What each is called; the first has no part of the address of its own. */
  tabs: Readonly<Record<string, string>>
  current: string | undefined
}

/** The views of one thing, each with an address. */
export function Tabs({ label, home, tabs, current = '' }: Props) {
  return (
    <nav aria-label={label} className="mb-4 border-b border-line">
      <ul className="-mx-4 flex gap-6 overflow-x-auto px-4 sm:mx-0 sm:px-0">
        {Object.entries(tabs).map(([tab, name]) => (
          <li key={tab} className="shrink-0">
            <a
              href={link(tab ? `${home}/${tab}` : home)}
              aria-current={tab === current ? 'page' : undefined}
              className="flex min-h-11 items-center border-b-2 border-transparent text-sm font-medium text-muted hover:text-ink aria-[current]:border-accent aria-[current]:text-accent"
            >
              {name}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  )
}
