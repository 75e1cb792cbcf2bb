import {
  Button,
  Field,
  Input,
  Menu,
  MenuDivider,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  makeStyles,
  Popover,
  PopoverSurface,
  type PositioningImperativeRef,
} from "@fluentui/react-components";
import { CalendarRegular, ChevronDownRegular } from "@fluentui/react-icons";
import { useRef, useState } from "react";
import {
  describePeriod,
  isPreset,
  lastDay,
  type Period,
  type Preset,
  periodOfDays,
  presets,
} from "@/time/range";
import type { EntityView } from "./view";

const useStyles = makeStyles({
  custom: { display: "grid", gap: "10px" },
});

const presetNames: Record<Preset, string> = {
  "24h": "Last 24 hours",
  "7d": "Last 7 days",
  "30d": "Last 30 days",
  "90d": "Last 90 days",
};

interface RangePickerProps {
  /** The period that is shown now. */
  period: Period;
  isDefault: boolean;
  /** From the first to the last sighting there ever was, when there was one. */
  allTime: Period | null;
  view: EntityView;
  onView: (view: EntityView) => void;
}

export function RangePicker({ period, isDefault, allTime, view, onView }: RangePickerProps) {
  const [custom, setCustom] = useState(false);
  const positioning = useRef<PositioningImperativeRef>(null);
  const label =
    view.range !== undefined && isPreset(view.range)
      ? presetNames[view.range]
      : describePeriod(period);
  const show = (next: Partial<EntityView>) =>
    onView({ ...view, range: undefined, from: undefined, to: undefined, ...next });
  return (
    <>
      <Menu>
        <MenuTrigger disableButtonEnhancement>
          <Button
            ref={(button) => positioning.current?.setTarget(button)}
            size="small"
            icon={<CalendarRegular />}
            aria-label={`Time range: ${label}`}
          >
            {label}
            <ChevronDownRegular aria-hidden />
          </Button>
        </MenuTrigger>
        <MenuPopover>
          <MenuList>
            {presets.map((preset) => (
              <MenuItem key={preset} onClick={() => show({ range: preset })}>
                {presetNames[preset]}
              </MenuItem>
            ))}
            <MenuItem disabled={allTime === null} onClick={() => allTime && show(allTime)}>
              All time
            </MenuItem>
            <MenuDivider />
            <MenuItem disabled={isDefault} onClick={() => show({})}>
              Default
            </MenuItem>
            <MenuItem onClick={() => setCustom(true)}>Custom…</MenuItem>
          </MenuList>
        </MenuPopover>
      </Menu>
      <Popover
        open={custom}
        onOpenChange={(_, { open }) => setCustom(open)}
        positioning={{ positioningRef: positioning, position: "below", align: "end" }}
        trapFocus
      >
        <PopoverSurface aria-label="Custom time range">
          <CustomPeriod
            period={period}
            onChoose={(chosen) => {
              setCustom(false);
              show(chosen);
            }}
          />
        </PopoverSurface>
      </Popover>
    </>
  );
}

function CustomPeriod({
  period,
  onChoose,
}: {
  period: Period;
  onChoose: (period: Period) => void;
}) {
  const styles = useStyles();
  const [first, setFirst] = useState(period.from.slice(0, 10));
  const [last, setLast] = useState(lastDay(period));
  const valid = first !== "" && last !== "";
  return (
    <form
      className={styles.custom}
      onSubmit={(event) => {
        event.preventDefault();
        if (valid) onChoose(periodOfDays(first, last));
      }}
    >
      <Field label="First day (UTC)">
        <Input type="date" value={first} onChange={(_, { value }) => setFirst(value)} />
      </Field>
      <Field label="Last day (UTC)">
        <Input type="date" value={last} onChange={(_, { value }) => setLast(value)} />
      </Field>
      <Button type="submit" appearance="primary" disabled={!valid}>
        Show
      </Button>
    </form>
  );
}
