import {
  Button,
  Input,
  Menu,
  MenuItemLink,
  MenuList,
  MenuPopover,
  MenuTrigger,
  makeStyles,
  Select,
} from "@fluentui/react-components";
import { ArrowDownloadRegular, SearchRegular } from "@fluentui/react-icons";
import { useEffect, useState } from "react";
import type { EntityScope } from "@/api/entities";
import { exportFormats, type TimelineFilter, timelineExport } from "@/api/timeline";
import { useDebounced } from "@/components/useDebounced";
import { type Field, fieldNames } from "./timelinePlace";

const typingPause = 300;

const useStyles = makeStyles({
  find: { flexGrow: 1, minWidth: "200px", maxWidth: "420px" },
});

interface FindProps {
  text: string;
  field: Field | "";
  onText: (text: string) => void;
  onField: (field: string) => void;
}

/** The search over all records, once one has stopped typing. */
export function Find({ text, field, onText, onField }: FindProps) {
  const styles = useStyles();
  const [typed, setTyped] = useState(text);
  const settled = useDebounced(typed, typingPause);
  const [told, setTold] = useState(text);
  // The link may change under the box, by the browser's history.
  if (text !== told) {
    setTold(text);
    setTyped(text);
  }
  useEffect(() => {
    if (settled === typed && settled.trim() !== text) onText(settled.trim());
  }, [settled, typed, text, onText]);
  return (
    <>
      <Input
        className={styles.find}
        size="small"
        type="search"
        maxLength={256}
        aria-label="Search the records"
        placeholder="Search all of it"
        contentBefore={<SearchRegular />}
        value={typed}
        onChange={(_, { value }) => setTyped(value)}
      />
      <Select
        size="small"
        aria-label="Columns to search"
        value={field}
        onChange={(_, { value }) => onField(value)}
      >
        <option value="">in every column</option>
        {Object.entries(fieldNames).map(([name, text]) => (
          <option key={name} value={name}>
            {`in ${text.toLowerCase()}s`}
          </option>
        ))}
      </Select>
    </>
  );
}

/** Offers all that the filter keeps as a file. */
export function ExportMenu({ scope, filter }: { scope: EntityScope; filter: TimelineFilter }) {
  return (
    <Menu>
      <MenuTrigger disableButtonEnhancement>
        <Button size="small" icon={<ArrowDownloadRegular />}>
          Export
        </Button>
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          {Object.entries(exportFormats).map(([format, name]) => (
            <MenuItemLink key={format} href={timelineExport(scope, filter, format)} download>
              {name}
            </MenuItemLink>
          ))}
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}
