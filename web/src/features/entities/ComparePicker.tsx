import {
  Button,
  Field,
  Input,
  makeStyles,
  Popover,
  PopoverSurface,
  PopoverTrigger,
  Text,
  tokens,
} from "@fluentui/react-components";
import { useState } from "react";
import { kindNames } from "@/api/entities";
import { chosenOther, compareWord, previous } from "./compareWith";
import type { EntityView } from "./view";

const useStyles = makeStyles({
  form: { display: "grid", gap: "10px", width: "280px" },
  buttons: { display: "flex", gap: "8px" },
  hint: { color: tokens.colorNeutralForeground3 },
});

/** Compares the page with another entity of its kind, with other days, or with both. */
export function ComparePicker({ view }: { view: EntityView }) {
  const [open, setOpen] = useState(false);
  const { compare } = view.search;
  const other = compare !== undefined && compare !== previous;
  return (
    <Popover open={open} onOpenChange={(_, data) => setOpen(data.open)} trapFocus>
      <PopoverTrigger disableButtonEnhancement>
        <Button size="small" appearance={other ? "secondary" : "subtle"}>
          {other ? `Compared with ${compare}` : "Compare with another…"}
        </Button>
      </PopoverTrigger>
      <PopoverSurface aria-label="Compare with another">
        <OtherForm
          view={view}
          onChoose={(word) => {
            setOpen(false);
            view.update({ compare: word });
          }}
        />
      </PopoverSurface>
    </Popover>
  );
}

function OtherForm({
  view,
  onChoose,
}: {
  view: EntityView;
  onChoose: (word: string | undefined) => void;
}) {
  const styles = useStyles();
  const { compare } = view.search;
  const [chosen, setChosen] = useState(() => chosenOther(compare));
  const half = (chosen.first === "") !== (chosen.last === "");
  const word = compareWord(chosen);
  const change = (part: Partial<typeof chosen>) => setChosen({ ...chosen, ...part });
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (word !== undefined && !half) onChoose(word);
      }}
    >
      <Field label={`Another ${nameOf(view)}`} hint="empty: the same one in other days">
        <Input value={chosen.id} onChange={(_, { value }) => change({ id: value })} />
      </Field>
      <Field label="First day of its period (UTC)">
        <Input
          type="date"
          value={chosen.first}
          onChange={(_, { value }) => change({ first: value })}
        />
      </Field>
      <Field
        label="Last day of its period (UTC)"
        validationState={half ? "error" : "none"}
        validationMessage={half ? "Both days, or neither." : undefined}
      >
        <Input
          type="date"
          value={chosen.last}
          onChange={(_, { value }) => change({ last: value })}
        />
      </Field>
      <Text size={200} className={styles.hint}>
        Without days another one is compared in the period of this page.
      </Text>
      <div className={styles.buttons}>
        <Button type="submit" appearance="primary" disabled={word === undefined || half}>
          Compare
        </Button>
        {compare !== undefined && (
          <Button onClick={() => onChoose(undefined)}>Stop comparing</Button>
        )}
      </div>
    </form>
  );
}

function nameOf({ entity }: EntityView): string {
  const name = kindNames[entity.kind];
  return name === name.toUpperCase() || name.startsWith("IP") ? name : name.toLowerCase();
}
