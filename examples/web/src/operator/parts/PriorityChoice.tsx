interface Props {
  value: number
  onChoose: (priority: number) => void
}

const NAMES: Record<number, string> = { 0: 'lowest', 5: 'as usual', 10: 'highest' }
const PRIORITIES = Array.from({ length: 11 }, (_, place) => 10 - place)

export function PriorityChoice({ value, onChoose }: Props) {
  return (
    <label className="grid gap-1.5 text-sm font-medium">
      Priority
      <select
        value={value}
        className="field font-normal"
        onChange={(event) => onChoose(Number(event.target.value))}
      >
        {PRIORITIES.map((each) => (
          <option key={each} value={each}>
            {NAMES[each] ? `${each}, ${NAMES[each]}` : each}
          </option>
        ))}
      </select>
    </label>
  )
}
