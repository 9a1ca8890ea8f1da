import { buttonStyle, Empty, Heading } from './parts.tsx'
import { link } from './router.ts'

/** The view of an address that is none; `home` says what the first place is. */
export function Nowhere({ home }: { home: string }) {
  return (
    <div className="mx-auto max-w-3xl">
      <Heading title="Not found" />
      <Empty icon="flag" title="There is nothing here">
        <p className="text-muted">The address leads nowhere.</p>
        <a href={link('')} className={buttonStyle('primary')}>
          {home}
        </a>
      </Empty>
    </div>
  )
}
