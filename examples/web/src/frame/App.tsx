import { Suspense, useRef } from 'react'
import { Account } from '../account/Account.tsx'
import { families } from '../families.ts'
import { JobList } from '../jobs/JobList.tsx'
import { JobView } from '../jobs/JobView.tsx'
import { Schedules } from '../schedules/Schedules.tsx'
import { SignIn } from '../signin/SignIn.tsx'
import { Boundary } from './Boundary.tsx'
import { Icon, type IconName } from './Icon.tsx'
import { buttonStyle, Empty, Heading, Loading } from './parts.tsx'
import { link, match, type Route, useAddress } from './router.ts'
import { useSession } from './session.ts'
import { Toasts } from './toasts.tsx'

const ROUTES: readonly Route[] = [
  ...families.flatMap((family) => family.routes),
  { path: 'jobs', view: JobList },
  { path: 'jobs/:id', view: JobView },
  { path: 'schedules', view: Schedules },
  { path: 'account', view: Account },
]

interface Place {
  path: string
  name: string
  icon: IconName
}

const PLACES: readonly Place[] = [
  ...families.map((family) => family.place),
  { path: 'jobs', name: 'History', icon: 'history' },
  { path: 'schedules', name: 'Schedules', icon: 'repeat' },
  { path: 'account', name: 'Account', icon: 'person' },
]

/** The frame: who is signed in, where one can go, and the view of the address. */
export function App() {
  const session = useSession()
  return (
    <>
      {session === undefined && <div aria-busy="true" />}
      {session === null && <SignIn />}
      {session && <SignedIn key={session.user.id} />}
      <Toasts />
    </>
  )
}

function SignedIn() {
  const address = useAddress()
  const main = useRef<HTMLElement>(null)
  const route = match(ROUTES, address)
  const View = route?.view ?? Nowhere
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
        <div className="mx-auto flex max-w-6xl items-center justify-between gap-6 px-4 pt-4 sm:px-6 sm:py-2">
          <a href={link('')} className="flex min-h-11 items-center gap-2 font-semibold">
            <img src="/icon.svg" alt="" className="size-7" />
            Plans
          </a>
          <Navigation current={address.split('/')[0] ?? ''} />
        </div>
      </header>
      <main ref={main} tabIndex={-1} className="mx-auto max-w-6xl px-4 py-4 sm:px-6 sm:py-8">
        <Boundary key={address}>
          <Suspense fallback={<Loading what="this view" />}>
            <View {...route?.given} />
          </Suspense>
        </Boundary>
      </main>
    </div>
  )
}

/** At the thumb on a phone, at the top elsewhere. */
function Navigation({ current }: { current: string }) {
  return (
    <nav
      aria-label="Main"
      className="fixed inset-x-0 bottom-0 z-10 border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] sm:static sm:border-0 sm:pb-0"
    >
      <ul className="flex justify-around sm:gap-1">
        {PLACES.map(({ path, name, icon }) => (
          <li key={path} className="grow sm:grow-0">
            <a
              href={link(path)}
              aria-current={isIn(path, current) ? 'page' : undefined}
              className="flex min-h-14 flex-col items-center justify-center gap-0.5 rounded-lg text-xs font-medium text-muted hover:text-ink aria-[current]:text-accent sm:min-h-11 sm:flex-row sm:gap-2 sm:px-3 sm:text-sm sm:aria-[current]:bg-sunken"
            >
              <Icon name={icon} />
              {name}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  )
}

/** The first place is also what its own folder of addresses belongs to. */
function isIn(path: string, current: string): boolean {
  return (
    path === current || families.some(({ place, home }) => place.path === path && home === current)
  )
}

function Nowhere() {
  return (
    <div className="mx-auto max-w-3xl">
      <Heading title="Not found" />
      <Empty icon="flag" title="There is nothing here">
        <p className="text-muted">The address leads nowhere.</p>
        <a href={link('')} className={buttonStyle('primary')}>
          To the plans
        </a>
      </Empty>
    </div>
  )
}
