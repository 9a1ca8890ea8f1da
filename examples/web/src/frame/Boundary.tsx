import { Component, type ReactNode } from 'react'
import { Failure, Heading } from './parts.tsx'

interface Props {
  children: ReactNode
  /** It is around a part of a view, which has a title already. */
  isPart?: boolean
}

/** Holds what breaks in a view, such as one that does not load, to that view, or that part of it. */
export class Boundary extends Component<Props, { error?: unknown }> {
  override state: { error?: unknown } = {}

  static getDerivedStateFromError(error: unknown) {
    return { error }
  }

  override render() {
    if (!('error' in this.state)) {
      return this.props.children
    }
    return (
      <>
        {!this.props.isPart && <Heading title="Something broke" />}
        <Failure error={this.state.error} onRetry={() => location.reload()} />
      </>
    )
  }
}
