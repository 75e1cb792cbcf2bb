import { getRouteApi } from "@tanstack/react-router";
import { EntityPage } from "./EntityPage";

const route = getRouteApi("/ip/$address");

export function IPPage() {
  const { address } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <EntityPage
      key={address}
      kind="ip"
      id={address}
      search={search}
      onSearch={(next, replace) => navigate({ search: next, replace })}
    />
  );
}
