import { Failure } from "@/components/states";

export function NotFound() {
  return <Failure page title="There is no such page" error="Check the address, or search above." />;
}
