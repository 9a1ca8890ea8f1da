import { Component, type ReactNode } from 'react'
import { Failure, Heading } from './parts.tsx'

interface Props {
  children: ReactNode
}

/** Holds what breaks in a view, such as one that does not load, to that view. */
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
        <Heading title="Something broke" />
        <Failure error={this.state.error} onRetry={() => location.reload()} />
      </>
    )
  }
}
