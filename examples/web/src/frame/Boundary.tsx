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
  isBroken: boolean
  address?: string | undefined
}

const WORDS =
  'This part of the page did not arrive, or it broke. Load it again once you are online.'

/** Holds what breaks in a view, such as one that does not load, to that view, or that part of it. */
export class Boundary extends Component<Props, State> {
  override state: State = { isBroken: false }

  static getDerivedStateFromError() {
    return { isBroken: true } // what it was is in the console
  }

  static getDerivedStateFromProps({ address }: Props, state: State) {
    return address === state.address ? null : { isBroken: false, address }
  }

  override render() {
    if (!this.state.isBroken) {
      return this.props.children
    }
    return (
      <>
        {!this.props.isPart && <Heading title="Something broke" />}
        <Failure error={WORDS} onRetry={() => location.reload()} />
      </>
    )
  }
}
