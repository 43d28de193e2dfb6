using Blobs.Errors;

namespace Blobs.Registry;

/// <summary>The registry's options do not fit together, or do not fit its storage.</summary>
internal sealed class RegistryStartException(string message) : BlobsException(message);
