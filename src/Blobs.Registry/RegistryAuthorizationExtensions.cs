using Blobs.Oci;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;

namespace Blobs.Registry;

/// <summary>Tells authorization policies on <see cref="RegistryServiceExtensions.MapRegistry"/> what a request asks
/// for.</summary>
public static class RegistryAuthorizationExtensions
{
    /// <summary>The access to authorize: that of the request, or the pull from another repository that a mount needs;
    /// null when the resource is not a registry's.</summary>
    public static RegistryAccess? GetRegistryAccess(this AuthorizationHandlerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Resource switch
        {
            RegistryAccess access => access,
            HttpContext http => http.GetRegistryAccess(),
            _ => null,
        };
    }

    /// <summary>The parsed path of a request, with its tag or digest; null when it is not part of the registry's API.</summary>
    public static RegistryRoute? GetRegistryRoute(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var route = RegistryRoute.Parse(context.Request.Path.Value ?? "");
        return route.Kind == RouteKind.None || (route.HasName && !RepositoryName.IsValid(route.Name)) ? null : route;
    }

    /// <summary>The access that a request asks for; null when its path is not part of the registry's API.</summary>
    public static RegistryAccess? GetRegistryAccess(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.GetRegistryRoute() is not { } route)
        {
            return null;
        }

        string method = context.Request.Method;
        bool isRead = HttpMethods.IsGet(method) || HttpMethods.IsHead(method);
        RegistryAction action = route.Kind switch
        {
            RouteKind.Base or RouteKind.Token => RegistryAction.Ping,
            RouteKind.Catalog => RegistryAction.Catalog,
            RouteKind.Uploads or RouteKind.Upload => RegistryAction.Push,
            _ when isRead => RegistryAction.Pull,
            _ when HttpMethods.IsDelete(method) => RegistryAction.Delete,
            _ => RegistryAction.Push,
        };
        bool isMount = route.Kind == RouteKind.Uploads && HttpMethods.IsPost(method) && context.Request.Query["mount"].Count > 0;
        string? source = isMount && context.Request.Query["from"] is [{ } from] && RepositoryName.IsValid(from) ? from : null;
        return new RegistryAccess(action, route.Name, source);
    }
}
