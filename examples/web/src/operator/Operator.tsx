import { type ComponentType, lazy, type ReactNode, useEffect } from 'react'
import { Drawing, Icon } from '../frame/Icon.tsx'
import { Layout } from '../frame/Layout.tsx'
import { Nowhere } from '../frame/Nowhere.tsx'
import { match, type Route } from '../frame/router.ts'
import { setTheme, useShownTheme } from '../frame/theme.ts'
import { Toasts, toastError } from '../frame/toasts.tsx'
import { sayClock } from '../frame/words.ts'
import { useQuery } from './addresses.ts'
import { useConnection } from './connection.ts'
import { Now } from './now/Now.tsx'
import { signOut } from './server.ts'
import { SignIn } from './signin/SignIn.tsx'

const load = {
  hours: () => import('./hours/Hours.tsx'),
  jobs: () => import('./jobs/Jobs.tsx'),
  job: () => import('./job/JobView.tsx'),
  schedules: () => import('./schedules/Schedules.tsx'),
  costs: () => import('./costs/Costs.tsx'),
}

const ROUTES: readonly Route[] = [
  { path: '', view: Now },
  { path: 'hours', view: lazy(load.hours) },
  { path: 'jobs', view: lazy(load.jobs) },
  { path: 'jobs/:id', view: keyed(lazy(load.job)) },
  { path: 'schedules', view: lazy(load.schedules) },
  { path: 'costs', view: lazy(load.costs) },
]

/** One job's view is not the next one's. */
function keyed(View: ComponentType<{ id: string }>) {
  return ({ id }: { id: string }) => <View key={id} id={id} />
}

// Beside their names there is not always room for them.
const PLACE = 'size-5 sm:max-lg:hidden'

const PLACES: readonly { path: string; name: string; icon: ReactNode }[] = [
  {
    path: '',
    name: 'Now',
    icon: <Drawing path="M3 12h4l2.500-7 5 14 2.500-7h4" className={PLACE} />,
  },
  {
    path: 'hours',
    name: 'Hours',
    icon: <Drawing path="M4 4v16h16M8.500 16v-4M12.500 16V8M16.500 16v-6" className={PLACE} />,
  },
  {
    path: 'jobs',
    name: 'Jobs',
    icon: (
      <Drawing
        path="M8.500 6H20M8.500 12H20M8.500 18H20M4 6h.5M4 12h.5M4 18h.5"
        className={PLACE}
      />
    ),
  },
  { path: 'schedules', name: 'Schedules', icon: <Icon name="repeat" className={PLACE} /> },
  {
    path: 'costs',
    name: 'Costs',
    icon: (
      <Drawing
        path="M12 3.500a8.500 8.500 0 1 0 0 17 8.500 8.500 0 0 0 0-17ZM12 6.500v11M14.800 9.300C14.300 8.500 13.300 8 12.100 8c-1.500 0-2.600.8-2.600 2 0 2.800 5.300 1.300 5.300 4.100 0 1.200-1.100 1.900-2.700 1.900-1.300 0-2.300-.5-2.800-1.400"
        className={PLACE}
      />
    ),
  },
]

/** The page of who runs the queue: the view of the address, or the way in. */
export function Operator() {
  const { isSignedOut } = useConnection()
  return (
    <>
      {isSignedOut ? <SignIn /> : <Inside />}
      <Toasts />
    </>
  )
}

function Inside() {
  const { path } = useQuery()
  const route = match(ROUTES, path)
  const current = path.split('/')[0]
  useOtherViews()
  return (
    <Layout
      name="supajobs"
      icon="/icon.svg"
      places={PLACES.map((place) => ({ ...place, isCurrent: place.path === current }))}
      aside={<Aside />}
      address={path}
    >
      <Away />
      {route ? (
        <route.view key={route.key} {...route.given} />
      ) : (
        <Nowhere home="What happens now" />
      )}
    </Layout>
  )
}

const IDLE_MS = 2000

/** Fetches them once the first one is there: an operator looks at all, also while the API is away. */
function useOtherViews() {
  useEffect(() => {
    const timer = setTimeout(
      // Who opens one that does not come is told then.
      () => Promise.allSettled(Object.values(load).map((each) => each())),
      IDLE_MS,
    )
    return () => clearTimeout(timer)
  }, [])
}

/** That what is shown is old, and since when. */
function Away() {
  const { awaySince } = useConnection()
  return (
    <div role="status">
      {awaySince && (
        <p className="mb-4 rounded-lg bg-busy-soft px-4 py-3 text-sm text-busy sm:mb-6">
          <strong className="font-semibold">
            The API has been away since {sayClock(awaySince)}.
          </strong>{' '}
          What is shown is from before that; it is asked again every few seconds.
        </p>
      )}
    </div>
  )
}

function Aside() {
  const isDark = useShownTheme() === 'dark'
  const style =
    'grid size-11 place-items-center rounded-lg text-muted hover:bg-sunken hover:text-ink'
  return (
    <div className="flex">
      <button
        type="button"
        aria-label="Dark"
        aria-pressed={isDark}
        title={isDark ? 'Light' : 'Dark'}
        className={style}
        onClick={() => setTheme(isDark ? 'light' : 'dark')}
      >
        <Drawing path="M20 14.500A8.500 8.500 0 0 1 9.500 4 8.500 8.500 0 1 0 20 14.500Z" />
      </button>
      <button
        type="button"
        aria-label="Sign out"
        title="Sign out"
        className={style}
        onClick={() => signOut().catch(toastError)}
      >
        <Drawing path="M10 4H5.500v16H10M15.500 8l4 4-4 4M19.500 12H10" />
      </button>
    </div>
  )
}
