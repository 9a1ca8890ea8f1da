import { type ReactNode, Suspense, useRef } from 'react'
import { Boundary } from './Boundary.tsx'
import { buttonStyle, Loading } from './parts.tsx'
import { link } from './router.ts'

export interface Place {
  path: string
  name: string
  icon: ReactNode
  isCurrent: boolean
}

interface Props {
  /** What the page is called, and its picture. */
  name: string
  icon: string
  places: readonly Place[]
  /** What stands at the end of the header. */
  aside?: ReactNode
  /** Of the view: what breaks there is forgotten at another one. */
  address: string
  children: ReactNode
}

/** The page around a view: what it is, where one can go. */
export function Layout({ name, icon, places, aside, address, children }: Props) {
  const main = useRef<HTMLElement>(null)
  return (
    <div className="pb-20 sm:pb-0">
      <button
        type="button"
        className={`sr-only z-30 focus:not-sr-only focus:fixed focus:top-2 focus:left-2 ${buttonStyle('primary')}`}
        onClick={() => main.current?.focus()}
      >
        Skip to content
      </button>
      <header className="border-line sm:border-b sm:bg-surface">
        <div className="mx-auto flex max-w-6xl items-center justify-between gap-2 px-4 pt-4 sm:px-6 sm:py-2 lg:gap-6">
          <a href={link('')} className="flex min-h-11 items-center gap-2 font-semibold">
            <img src={icon} alt="" className="size-7" />
            {name}
          </a>
          <Navigation places={places} />
          {aside}
        </div>
      </header>
      <main ref={main} tabIndex={-1} className="mx-auto max-w-6xl px-4 py-4 sm:px-6 sm:py-8">
        <Boundary address={address}>
          <Suspense fallback={<Loading what="this view" />}>{children}</Suspense>
        </Boundary>
      </main>
    </div>
  )
}

/** At the thumb on a phone, at the top elsewhere. */
function Navigation({ places }: { places: readonly Place[] }) {
  return (
    <nav
      aria-label="Main"
      className="fixed inset-x-0 bottom-0 z-10 border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] sm:static sm:border-0 sm:pb-0"
    >
      <ul className="flex justify-around sm:gap-1">
        {places.map(({ path, name, icon, isCurrent }) => (
          <li key={path} className="grow sm:grow-0">
            <a
              href={link(path)}
              aria-current={isCurrent ? 'page' : undefined}
              className="flex min-h-14 flex-col items-center justify-center gap-0.5 rounded-lg text-xs font-medium text-muted hover:text-ink aria-[current]:text-accent sm:min-h-11 sm:flex-row sm:gap-2 sm:px-2 sm:text-sm lg:px-3 sm:aria-[current]:bg-sunken"
            >
              {icon}
              {name}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  )
}
