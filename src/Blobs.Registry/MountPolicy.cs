using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Blobs.Registry;

/// <summary>
/// Whether a caller may mount a blob from another repository. A mount reads from that repository, so the policies of the
/// registry's endpoint, which have already allowed the push, are asked again for a pull from there.
/// </summary>
internal static class MountPolicy
{
    /// <param name="context">The request.</param>
    /// <param name="source">The repository that has the blob; null for any.</param>
    public static async ValueTask<bool> AllowsAsync(HttpContext context, string? source)
    {
        EndpointMetadataCollection? metadata = context.GetEndpoint()?.Metadata;
        if (metadata is null || metadata.GetMetadata<IAllowAnonymous>() is not null
            || context.RequestServices.GetService<IAuthorizationPolicyProvider>() is not { } policies)
        {
            return true;
        }

        AuthorizationPolicy? policy = await AuthorizationPolicy.CombineAsync(
            policies,
            metadata.GetOrderedMetadata<IAuthorizeData>(),
            metadata.GetOrderedMetadata<AuthorizationPolicy>()).ConfigureAwait(false);
        policy = WithRequirements(policy, metadata);
        if (policy is null)
        {
            return true;
        }

        if (source is null)
        {
            // There is no repository to ask for.
            return false;
        }

        AuthorizationResult result = await context.RequestServices.GetRequiredService<IAuthorizationService>()
            .AuthorizeAsync(context.User, new RegistryAccess(RegistryAction.Pull, source), policy).ConfigureAwait(false);
        return result.Succeeded;
    }

    private static AuthorizationPolicy? WithRequirements(AuthorizationPolicy? policy, EndpointMetadataCollection metadata)
    {
        IAuthorizationRequirement[] more =
            [.. metadata.GetOrderedMetadata<IAuthorizationRequirementData>().SelectMany(data => data.GetRequirements())];
        if (more.Length == 0)
        {
            return policy;
        }

        var own = new AuthorizationPolicy(more, []);
        return policy is null ? own : AuthorizationPolicy.Combine(policy, own);
    }
}
