interface Props<Value extends string> {
  label: string
  name: string
  choices: readonly (readonly [Value, string])[]
  value: string
  onChoose: (value: Value) => void
}

/** One of a few. */
export function Choices<Value extends string>(props: Props<Value>) {
  const { label, name, choices, value, onChoose } = props
  return (
    <fieldset>
      <legend className="sr-only">{label}</legend>
      <div className="-mx-4 flex gap-2 overflow-x-auto px-4 py-1 sm:mx-0 sm:flex-wrap sm:px-0">
        {choices.map(([each, words]) => (
          <label
            key={each}
            className="relative flex min-h-11 shrink-0 items-center rounded-full border border-control px-4 text-sm has-checked:border-accent has-checked:bg-accent has-checked:text-on-accent has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent"
          >
            <input
              type="radio"
              name={name}
              className="sr-only"
              checked={value === each}
              onChange={() => onChoose(each)}
            />
            {words}
          </label>
        ))}
      </div>
    </fieldset>
  )
}
