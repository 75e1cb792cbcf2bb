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
  allTime,
  describePeriod,
  describeRange,
  lastDay,
  type Period,
  periodOfDays,
  presets,
} from "@/time/range";
import { type EntityView, showPeriod } from "./view";

const useStyles = makeStyles({
  custom: { display: "grid", gap: "10px" },
});

/** The period of the page: presets, everything, or days of one's own. */
export function RangePicker({ view }: { view: EntityView }) {
  const [custom, setCustom] = useState(false);
  const positioning = useRef<PositioningImperativeRef>(null);
  const { period, search } = view;
  const label = (search.range && describeRange(search.range)) || describePeriod(period);
  const show = (shown: Parameters<typeof showPeriod>[0]) => view.update(showPeriod(shown));
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
                {describeRange(preset)}
              </MenuItem>
            ))}
            <MenuItem onClick={() => show({ range: allTime })}>{describeRange(allTime)}</MenuItem>
            <MenuDivider />
            <MenuItem disabled={view.page.range.default} onClick={() => show(null)}>
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
