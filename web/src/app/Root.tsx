import { useQuery } from "@tanstack/react-query";
import { Outlet } from "@tanstack/react-router";
import { sessionQuery } from "@/api/session";
import { Failure } from "@/components/states";
import { NewPasswordPage } from "@/features/session/NewPasswordPage";
import { SignInPage } from "@/features/session/SignInPage";
import { EmptyFrame, Shell } from "./Shell";

/**
 * What is asked for, once somebody is signed in. Until then the sign-in stands in its
 * place and the address stays, so that signing in leads to where one wanted to go.
 */
export function Root() {
  const session = useQuery(sessionQuery);
  if (session.isPending) return <EmptyFrame />;
  if (session.isError)
    return (
      <Failure
        page
        title="The server could not be reached"
        error={session.error}
        again={session.refetch}
      />
    );
  if (session.data === null) return <SignInPage />;
  if (session.data.mustChangePassword) return <NewPasswordPage user={session.data.user} />;
  return (
    <Shell session={session.data}>
      <Outlet />
    </Shell>
  );
}
