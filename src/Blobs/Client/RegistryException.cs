using Blobs.Errors;

namespace Blobs.Client;

/// <summary>A registry, or its token server, that refused a request or could not be reached.</summary>
/// <remarks>The message names the address without credentials and query.</remarks>
public sealed class RegistryException : BlobsException
{
    internal RegistryException(int? status, IReadOnlyList<string> codes, string message, Exception? inner = null)
        : base(message, inner)
    {
        Status = status;
        Codes = codes;
    }

    /// <summary>The HTTP status; null when there was no answer at all.</summary>
    public int? Status { get; }

    /// <summary>The error codes of the answer (OCI distribution-spec, "Error Codes"), such as <c>MANIFEST_UNKNOWN</c>;
    /// empty when it had none.</summary>
    public IReadOnlyList<string> Codes { get; }

    /// <summary>Whether the same request may succeed later.</summary>
    internal bool IsTransient { get; init; }

    /// <summary>The delay that the registry asks for; null when it names none.</summary>
    internal TimeSpan? AskedDelay { get; init; }
}
