using Blobs.Json.Internal;

namespace Blobs.Distribution.Client;

/// <summary>The body of an error (OCI distribution-spec, "Error Codes").</summary>
internal sealed record RegistryErrorsJson
{
    public IReadOnlyList<ErrorJson>? Errors { get; init; }

    public static RegistryErrorsJson Read(GoObject json) => new()
    {
        Errors = json["errors"].List(error => ErrorJson.Read(error.Object())),
    };

    internal sealed record ErrorJson
    {
        public string? Code { get; init; }

        public string? Message { get; init; }

        public static ErrorJson Read(GoObject json) => new() { Code = json["code"].Text(), Message = json["message"].Text() };
    }
}
