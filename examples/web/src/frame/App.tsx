import { useEffect, useState } from 'react'
import { Account } from '../account/Account.tsx'
import { families } from '../families.ts'
import { JobList } from '../jobs/JobList.tsx'
import { JobView } from '../jobs/JobView.tsx'
import { Schedules } from '../schedules/Schedules.tsx'
import { SignIn } from '../signin/SignIn.tsx'
import { Icon, type IconName } from './Icon.tsx'
import { Layout } from './Layout.tsx'
import { Nowhere } from './Nowhere.tsx'
import { Button, Loading, Problem } from './parts.tsx'
import { match, type Route, useAddress } from './router.ts'
import { useSession } from './session.ts'
import { Toasts } from './toasts.tsx'

const ROUTES: readonly Route[] = [
  { path: '', view: families[0]?.routes[0].view ?? JobList },
  ...families.flatMap((family) => family.routes),
  { path: 'jobs', view: JobList },
  { path: 'jobs/:id', view: JobView },
  { path: 'schedules', view: Schedules },
  { path: 'account', view: Account },
]

const PLACES: readonly { path: string; name: string; icon: IconName }[] = [
  ...families.map(({ home, place }) => ({ path: home, ...place })),
  { path: 'jobs', name: 'History', icon: 'history' },
  { path: 'schedules', name: 'Schedules', icon: 'repeat' },
  { path: 'account', name: 'Account', icon: 'person' },
]

/** What the page is called: what it is of, if it is of one thing. */
const NAME = (families.length === 1 && families[0]?.place.name) || 'supajobs'

/** The frame: who is signed in, where one can go, and the view of the address. */
export function App() {
  const session = useSession()
  return (
    <>
      {session === undefined && <Opening />}
      {session === null && <SignIn />}
      {session && <SignedIn key={session.user.id} />}
      <Toasts />
    </>
  )
}

const PATIENCE_MS = 5000

/** While it is not known who is signed in, which is for long only where nobody answers. */
function Opening() {
  const [isLate, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), PATIENCE_MS)
    return () => clearTimeout(timer)
  }, [])
  return (
    <main className="mx-auto grid max-w-3xl gap-4 px-4 py-8">
      {isLate && (
        <>
          <Problem>
            Your session cannot be renewed: Supabase does not answer. Are you online?
          </Problem>
          <Button className="justify-self-start" onClick={() => location.reload()}>
            Try again
          </Button>
        </>
      )}
      <Loading what="your session" />
    </main>
  )
}

function SignedIn() {
  const address = useAddress()
  const current = address.split(/[/?]/u)[0] ?? ''
  const route = match(ROUTES, address)
  const places = PLACES.map(({ path, name, icon }, place) => ({
    path,
    name,
    icon: <Icon name={icon} />,
    // The first one is also what is shown at first.
    isCurrent: path === current || (current === '' && place === 0),
  }))
  return (
    <Layout name={NAME} icon="/icon.svg" places={places} address={address}>
      {route ? (
        <route.view key={route.key} {...route.given} />
      ) : (
        <Nowhere home="To the beginning" />
      )}
    </Layout>
  )
}
