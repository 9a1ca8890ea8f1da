import type { PlanRequest } from '@supajobs/client'
import { useState } from 'react'
import { Icon, type IconName } from '../frame/Icon.tsx'
import { Input } from '../frame/Input.tsx'
import { describedBy, Field } from '../frame/parts.tsx'
import { sayName } from '../frame/words.ts'
import { CYCLING_GOALS, EQUIPMENT, EXPERIENCES, STRENGTH_GOALS, WEEKDAYS } from './profile.ts'

type Discipline = 'cycling' | 'strength'
type Problems = Readonly<Record<string, string>>

interface Props {
  known: PlanRequest | undefined
  problems: Problems
}

/** All that a plan is asked for with; what is known already stands in it. */
export function ProfileFields({ known, problems }: Props) {
  const [discipline, setDiscipline] = useState<Discipline>(
    known?.profile_snapshot ? 'strength' : 'cycling',
  )
  const isCycling = discipline === 'cycling'
  const days = known?.athlete_profile?.weekdays ?? known?.profile_snapshot?.weekdays
  return (
    <>
      <fieldset>
        <legend className="mb-2 text-sm font-medium">What for</legend>
        <div className="grid grid-cols-2 gap-4">
          <Choice name="cycling" icon="bike" chosen={discipline} onChoose={setDiscipline} />
          <Choice name="strength" icon="weights" chosen={discipline} onChoose={setDiscipline} />
        </div>
      </fieldset>
      {isCycling ? (
        <CyclingFields known={known?.athlete_profile ?? undefined} problems={problems} />
      ) : (
        <StrengthFields known={known?.profile_snapshot ?? undefined} problems={problems} />
      )}
      <Checkboxes
        legend="Training days"
        hint="None: they are chosen for you."
        name="weekdays"
        options={WEEKDAYS}
        say={shorten}
        known={days ?? []}
        problem={problems['weekdays']}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <Input
          name="weeks"
          label="Weeks"
          hint={`4 to 24. Left open: ${isCycling ? '12, or up to the event' : '8'}.`}
          problems={problems}
          type="number"
          min={4}
          max={24}
          defaultValue={known?.weeks ?? ''}
        />
      </div>
    </>
  )
}

/** Mon, which is read out as Monday. */
const shorten = (weekday: string) => sayName(weekday).slice(0, 3)

interface ChoiceProps {
  name: Discipline
  icon: IconName
  chosen: Discipline
  onChoose: (name: Discipline) => void
}

function Choice({ name, icon, chosen, onChoose }: ChoiceProps) {
  return (
    <label className="card relative flex min-h-14 items-center gap-3 px-4 font-medium has-checked:border-accent has-checked:text-accent has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent">
      <input
        type="radio"
        name="discipline"
        value={name}
        className="sr-only"
        checked={chosen === name}
        onChange={() => onChoose(name)}
      />
      <Icon name={icon} />
      {sayName(name)}
    </label>
  )
}

interface CyclingProps {
  known: NonNullable<PlanRequest['athlete_profile']> | undefined
  problems: Problems
}

function CyclingFields({ known, problems }: CyclingProps) {
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Input
        name="ftp"
        label="FTP (W)"
        hint="The power you can hold for an hour."
        problems={problems}
        type="number"
        min={60}
        max={600}
        required
        defaultValue={known?.ftp}
      />
      <Input
        name="weight_kg"
        label="Weight (kg)"
        problems={problems}
        type="number"
        min={35}
        max={180}
        step={0.1}
        required
        defaultValue={known?.weight_kg}
      />
      <Input
        name="age"
        label="Age"
        problems={problems}
        type="number"
        min={14}
        max={90}
        required
        defaultValue={known?.age}
      />
      <Input
        name="weekly_hours"
        label="Hours a week"
        hint="Optional"
        problems={problems}
        type="number"
        min={2}
        max={25}
        step={0.5}
        defaultValue={known?.weekly_hours ?? ''}
      />
      <Select name="cycling_goal" label="Goal" options={CYCLING_GOALS} defaultValue={known?.goal} />
      <Input
        name="event_date"
        label="Event"
        hint="Optional: the plan ends with it."
        problems={problems}
        type="date"
        defaultValue={known?.event_date ?? ''}
      />
      <Input
        name="current_ctl"
        label="Fitness now (CTL)"
        hint="Optional: TSS a day"
        problems={problems}
        type="number"
        min={0}
        max={150}
        step={0.1}
        defaultValue={known?.current_ctl ?? ''}
      />
    </div>
  )
}

interface StrengthProps {
  known: NonNullable<PlanRequest['profile_snapshot']> | undefined
  problems: Problems
}

function StrengthFields({ known, problems }: StrengthProps) {
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-2">
        <Select
          name="strength_goal"
          label="Goal"
          options={STRENGTH_GOALS}
          defaultValue={known?.goal}
        />
        <Select
          name="experience"
          label="Training since"
          options={EXPERIENCES}
          defaultValue={known?.experience ?? 'INTERMEDIATE'}
        />
        <Input
          name="session_minutes"
          label="Minutes a session"
          problems={problems}
          type="number"
          min={25}
          max={120}
          required
          defaultValue={known?.session_minutes ?? 60}
        />
      </div>
      <Checkboxes
        legend="Equipment"
        hint="None: your body is enough."
        name="equipment"
        options={EQUIPMENT}
        known={known?.equipment ?? []}
        problem={problems['equipment']}
      />
    </>
  )
}

interface SelectProps {
  name: string
  label: string
  options: Readonly<Record<string, string>>
  defaultValue: string | undefined
}

function Select({ name, label, options, defaultValue }: SelectProps) {
  return (
    <Field id={name} label={label}>
      <select id={name} name={name} defaultValue={defaultValue} className="field">
        {Object.entries(options).map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
    </Field>
  )
}

interface CheckboxesProps {
  legend: string
  hint: string
  name: string
  options: readonly string[]
  say?: (option: string) => string
  known: readonly string[]
  problem: string | undefined
}

function Checkboxes({
  legend,
  hint,
  name,
  options,
  say = sayName,
  known,
  problem,
}: CheckboxesProps) {
  return (
    <fieldset aria-describedby={describedBy(name)}>
      <legend className="mb-2 text-sm font-medium">{legend}</legend>
      <div className="flex flex-wrap gap-2">
        {options.map((option) => (
          <label
            key={option}
            className="relative flex min-h-11 items-center rounded-full border border-control px-4 text-sm has-checked:border-accent has-checked:bg-accent has-checked:text-on-accent has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent"
          >
            <input
              type="checkbox"
              name={name}
              value={option}
              aria-label={sayName(option)}
              defaultChecked={known.includes(option)}
              className="sr-only"
            />
            {say(option)}
          </label>
        ))}
      </div>
      <p id={describedBy(name)} className={`mt-2 text-sm ${problem ? 'text-bad' : 'text-muted'}`}>
        {problem ?? hint}
      </p>
    </fieldset>
  )
}
