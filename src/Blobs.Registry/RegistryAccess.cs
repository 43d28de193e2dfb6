namespace Blobs.Registry;

/// <summary>What somebody wants of a registry, for handlers of ASP.NET Core's authorization: see
/// <see cref="RegistryAuthorizationExtensions"/>.</summary>
/// <param name="Action">What is to be done.</param>
/// <param name="Repository">In which repository; empty where it is about none.</param>
/// <param name="Source">The repository that a blob is to be mounted from; null when none is. Whether the caller may pull from it is asked
/// separately, with that one as <see cref="Repository"/>: a refusal there only means that the blob has to be sent.</param>
public sealed record RegistryAccess(RegistryAction Action, string Repository, string? Source = null);
