import { Component, type ReactNode } from 'react'
import { Failure, Heading } from './parts.tsx'

interface Props {
  children: ReactNode
  /** It is around a part of a view, which has a title already. */
  isPart?: boolean
  /** At another one, what broke is forgotten. */
  address?: string | undefined
}

interface State {
  /** What is said in its place. */
  words?: typeof LOST | undefined
  address?: string | undefined
}

const LOST = {
  title: 'This part of the page did not arrive.',
  error: 'Load it again once you are online.',
}
const BROKEN = {
  title: 'This cannot be shown.',
  error: 'It is not as it should be, or this page has a fault.',
}

// In the words of each browser, of what comes when it is opened.
const IS_LOST = /import(?:ed|ing) module|module script|Unable to preload/iu

/** Holds what breaks in a view, such as one that does not load, to that view, or that part of it. */
export class Boundary extends Component<Props, State> {
  override state: State = {}

  static getDerivedStateFromError(error: unknown) {
    return { words: IS_LOST.test(String(error)) ? LOST : BROKEN } // the rest is in the console
  }

  static getDerivedStateFromProps({ address }: Props, state: State) {
    return address === state.address ? null : { words: undefined, address }
  }

  override render() {
    const { words } = this.state
    if (!words) {
      return this.props.children
    }
    return (
      <>
        {!this.props.isPart && <Heading title="Something broke" />}
        <Failure {...words} onRetry={() => location.reload()} />
      </>
    )
  }
}
