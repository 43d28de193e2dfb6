namespace Blobs.Registry;

/// <summary>What a request asks of a registry, for authorization handlers of ASP.NET Core: see
/// <see cref="RegistryAuthorizationExtensions"/>.</summary>
/// <param name="Action">The action.</param>
/// <param name="Repository">The repository; empty for actions on no repository.</param>
/// <param name="Source">The repository to mount a blob from; null when the request is no mount. Whether the caller may
/// pull from it is asked separately, with it as <see cref="Repository"/>; a refusal only means that the blob has to be
/// uploaded.</param>
public sealed record RegistryAccess(RegistryAction Action, string Repository, string? Source = null);
