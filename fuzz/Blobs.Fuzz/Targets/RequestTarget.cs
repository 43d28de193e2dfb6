using System.Text;
using Blobs.Registry;
using Microsoft.AspNetCore.Http;

namespace Blobs.Fuzz.Targets;

/// <summary>The parts of a registry request that are parsed besides the body, one on each line: path, <c>Range</c> and
/// <c>Content-Range</c>.</summary>
internal sealed class RequestTarget : IFuzzTarget
{
    public string Name => "request";

    public void Run(ReadOnlySpan<byte> input)
    {
        string[] lines = Encoding.Latin1.GetString(input).Split('\n');
        RegistryRoute route = RegistryRoute.Parse($"/v2{lines[0]}");
        FindingException.ThrowIf(route.Kind == RouteKind.None && route.Name.Length > 0, "a path of no kind has a name");
        if (lines.Length < 3)
        {
            return;
        }

        var context = new DefaultHttpContext();
        context.Request.Headers.Range = lines[1];
        ByteRange range = ByteRange.Of(context.Request, "\"tag\"", 1000);
        FindingException.ThrowIf(
            !range.IsUnsatisfiable && (range.First < 0 || range.Length < 0 || range.First + range.Length > 1000), $"{range} of 1000 bytes");
        if (UploadEndpoints.TryParseRange(lines[2], out Distribution.Storage.UploadRange claimed))
        {
            FindingException.ThrowIf(claimed.First < 0 || claimed.Length <= 0, $"{claimed}");
        }
    }
}
