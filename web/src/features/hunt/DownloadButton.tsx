import {
  Button,
  Menu,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
} from "@fluentui/react-components";
import { ArrowDownloadRegular } from "@fluentui/react-icons";
import type { ResultColumn } from "@/api/query";
import { formatCount } from "@/components/numbers";
import { saveFile } from "@/components/saveFile";
import { partOf } from "./partOf";

interface DownloadButtonProps {
  /** What the form is called, and the file's ending and media type. */
  label: string;
  file: string;
  type: string;
  columns: readonly ResultColumn[];
  rows: readonly (readonly unknown[])[];
  /** The columns that are shown, by their places. */
  shown: readonly number[];
  write: (columns: readonly ResultColumn[], rows: readonly (readonly unknown[])[]) => string;
}

/** Takes the result away: the columns that are shown, or all of them. */
export function DownloadButton(props: DownloadButtonProps) {
  const { label, file, type, columns, rows, shown, write } = props;
  const save = (places: readonly number[]) => {
    const part = partOf(columns, rows, places);
    saveFile(file, type, write(part.columns, part.rows));
  };
  const all = [...columns.keys()];
  const button = { size: "small", appearance: "subtle", icon: <ArrowDownloadRegular /> } as const;
  if (shown.length === all.length) {
    return (
      <Button {...button} onClick={() => save(all)}>
        {label}
      </Button>
    );
  }
  return (
    <Menu>
      <MenuTrigger disableButtonEnhancement>
        <Button {...button}>{label}</Button>
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          <MenuItem onClick={() => save(shown)}>
            The {formatCount(shown.length)} columns that are shown
          </MenuItem>
          <MenuItem onClick={() => save(all)}>All {formatCount(all.length)} columns</MenuItem>
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}
