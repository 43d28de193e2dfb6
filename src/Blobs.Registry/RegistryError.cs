using Microsoft.AspNetCore.Http;

namespace Blobs.Registry;

/// <summary>
/// An error that clients are sent. Codes, statuses and messages are all here (distribution-spec, "Error Codes"; docker-registry:
/// registry/api/errcode).
/// </summary>
internal sealed record RegistryError(int Status, string Code, string Message)
{
    public static readonly RegistryError Unknown = new(StatusCodes.Status500InternalServerError, "UNKNOWN", "unknown error");

    public static readonly RegistryError Unsupported =
        new(StatusCodes.Status405MethodNotAllowed, "UNSUPPORTED", "The operation is unsupported.");

    public static readonly RegistryError Unauthorized =
        new(StatusCodes.Status401Unauthorized, "UNAUTHORIZED", "authentication required");

    public static readonly RegistryError Denied =
        new(StatusCodes.Status403Forbidden, "DENIED", "requested access to the resource is denied");

    public static readonly RegistryError TooManyRequests =
        new(StatusCodes.Status429TooManyRequests, "TOOMANYREQUESTS", "too many requests");

    public static readonly RegistryError Unavailable =
        new(StatusCodes.Status503ServiceUnavailable, "UNAVAILABLE", "service unavailable");

    public static readonly RegistryError DigestInvalid =
        new(StatusCodes.Status400BadRequest, "DIGEST_INVALID", "provided digest did not match uploaded content");

    public static readonly RegistryError SizeInvalid =
        new(StatusCodes.Status400BadRequest, "SIZE_INVALID", "provided length did not match content length");

    public static readonly RegistryError TooLarge =
        new(StatusCodes.Status413PayloadTooLarge, "SIZE_INVALID", "the content is longer than this registry takes");

    public static readonly RegistryError RangeInvalid =
        new(StatusCodes.Status416RangeNotSatisfiable, "RANGE_INVALID", "invalid content range");

    public static readonly RegistryError NameInvalid =
        new(StatusCodes.Status400BadRequest, "NAME_INVALID", "invalid repository name");

    public static readonly RegistryError NameUnknown =
        new(StatusCodes.Status404NotFound, "NAME_UNKNOWN", "repository name not known to registry");

    public static readonly RegistryError TagInvalid =
        new(StatusCodes.Status400BadRequest, "TAG_INVALID", "manifest tag did not match URI");

    public static readonly RegistryError ManifestUnknown =
        new(StatusCodes.Status404NotFound, "MANIFEST_UNKNOWN", "manifest unknown");

    public static readonly RegistryError ManifestInvalid =
        new(StatusCodes.Status400BadRequest, "MANIFEST_INVALID", "manifest invalid");

    public static readonly RegistryError ManifestBlobUnknown =
        new(StatusCodes.Status400BadRequest, "MANIFEST_BLOB_UNKNOWN", "blob unknown to registry");

    public static readonly RegistryError BlobUnknown =
        new(StatusCodes.Status404NotFound, "BLOB_UNKNOWN", "blob unknown to registry");

    public static readonly RegistryError BlobUploadUnknown =
        new(StatusCodes.Status404NotFound, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry");

    public static readonly RegistryError PaginationNumberInvalid =
        new(StatusCodes.Status400BadRequest, "PAGINATION_NUMBER_INVALID", "invalid number of results requested");
}
