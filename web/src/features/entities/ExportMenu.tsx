import {
  Button,
  Menu,
  MenuItemLink,
  MenuList,
  MenuPopover,
  MenuTrigger,
} from "@fluentui/react-components";
import { ArrowDownloadRegular } from "@fluentui/react-icons";
import { exportFormats, exportPath, type ListName } from "@/api/entities";
import { countedAll, countedOf } from "@/components/numbers";
import type { ListPage } from "./useListPage";
import type { EntityView } from "./view";

interface ExportMenuProps {
  view: EntityView;
  noun: ListName;
  list: ListPage;
  total: number;
}

/** The whole list as a file, not only the page in sight: as it is filtered and sorted. */
export function ExportMenu({ view, noun, list, total }: ExportMenuProps) {
  const which = list.page.q === undefined ? countedAll(total, noun) : countedOf(total, noun);
  return (
    <Menu>
      <MenuTrigger disableButtonEnhancement>
        <Button size="small" icon={<ArrowDownloadRegular />} disabled={total === 0}>
          Export {which}
        </Button>
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          <Format format="csv" />
          <Format format="jsonl" />
          <Format format="parquet" />
        </MenuList>
      </MenuPopover>
    </Menu>
  );

  function Format({ format }: { format: keyof typeof exportFormats }) {
    return (
      <MenuItemLink href={exportPath(view.scope, noun, list.page, format)} download>
        {exportFormats[format]}
      </MenuItemLink>
    );
  }
}
