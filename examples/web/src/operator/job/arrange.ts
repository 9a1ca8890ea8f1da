import type { Flow, FlowJob } from '../answers.ts'

export interface Placed {
  job: FlowJob
  /** The column that it stands in: not one in which a line passes. */
  lane: number
  /** The places of those that it waits for, which are before its own. */
  parents: number[]
}

/** Each job below all that it waits for, and near them. */
export function arrange({ jobs, edges }: Flow): Placed[] {
  const byId = new Map(jobs.map((job) => [job.id, job]))
  // One that has two names for whom it waits for has one line to it.
  const pairs = new Map(edges.map((edge) => [`${edge.job_id} ${edge.parent_id}`, edge]))
  const known = [...pairs.values()].filter(
    (edge) => byId.has(edge.job_id) && byId.has(edge.parent_id),
  )
  const parents = group(known, (edge) => edge.job_id)
  const children = group(known, (edge) => edge.parent_id)
  const awaited = new Map(jobs.map(({ id }) => [id, parents.get(id)?.length ?? 0]))
  const places = new Map<string, number>()
  const placed: Placed[] = []
  const lanes = new Lanes()
  // The last that becomes free goes on, so that a chain stays together.
  const free = jobs.filter(({ id }) => awaited.get(id) === 0).reverse()
  for (let job = free.pop(); job; job = free.pop()) {
    const below = children.get(job.id) ?? []
    const above = (parents.get(job.id) ?? []).map((edge) => places.get(edge.parent_id) ?? 0)
    for (const place of above) {
      lanes.leave(placed[place]?.lane ?? 0)
    }
    places.set(job.id, placed.length)
    placed.push({ job, lane: lanes.take(below.length), parents: above })
    for (const { job_id: id } of below.toReversed()) {
      const waits = (awaited.get(id) ?? 0) - 1
      awaited.set(id, waits)
      const child = byId.get(id)
      if (waits === 0 && child) {
        free.push(child)
      }
    }
  }
  return placed
}

/** A lane is taken as long as lines go down from its job. */
class Lanes {
  readonly #lines: number[] = []

  take(lines: number): number {
    const unused = this.#lines.indexOf(0)
    const lane = unused < 0 ? this.#lines.length : unused
    this.#lines[lane] = lines
    return lane
  }

  /** One of the lines ends. */
  leave(lane: number): void {
    this.#lines[lane] = (this.#lines[lane] ?? 1) - 1
  }
}

type Edge = Flow['edges'][number]

function group(edges: readonly Edge[], key: (edge: Edge) => string): Map<string, Edge[]> {
  const groups = new Map<string, Edge[]>()
  for (const edge of edges) {
    groups.set(key(edge), [...(groups.get(key(edge)) ?? []), edge])
  }
  return groups
}
