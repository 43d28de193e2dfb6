using System.Net;
using System.Runtime.CompilerServices;
using Blobs.Errors;
using Blobs.Errors.Internal;

namespace Blobs.Distribution.Client;

/// <summary>A list in pages; each has the address of the next in a <c>Link</c> header (RFC 8288).</summary>
internal sealed class PagedList(RegistryConnection connection, IReadOnlyList<string> scopes, string path)
{
    /// <summary>Statuses that mean that there is no such list; empty by default.</summary>
    public IReadOnlyList<HttpStatusCode> Absent { get; init; } = [];

    public async IAsyncEnumerable<string> NamesAsync(
        Func<ListJson, IReadOnlyList<string>?> select, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach ((byte[] body, RegistryRequest request) in PagesAsync([], cancellationToken).ConfigureAwait(false))
        {
            ListJson page = ClientJson.Read(body, ListJson.Read, $"{request}", Fault.RegistryAnswer);
            foreach (string name in (select(page) ?? []).Where(name => name.Length > 0))
            {
                yield return name;
            }
        }
    }

    /// <summary>The pages; none when the registry has no such list.</summary>
    public async IAsyncEnumerable<(byte[] Body, RegistryRequest Request)> PagesAsync(
        IReadOnlyList<string> accept, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        RegistryClientOptions options = connection.Options;
        Uri? address = await connection.ResolveAsync(path, cancellationToken).ConfigureAwait(false);
        for (int page = 0; address is not null; page++)
        {
            if (page == options.Limits.RegistryPages)
            {
                Throw.LimitExceeded(nameof(Limits.RegistryPages), page, "the list");
            }

            var request = new RegistryRequest(HttpMethod.Get, address, scopes) { Accept = accept };
            using HttpResponseMessage response =
                await connection.SendAsync(request, cancellationToken, [HttpStatusCode.OK, .. Absent]).ConfigureAwait(false);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                yield break;
            }

            byte[] body = await BoundedBody.ReadAsync(
                request, response, nameof(Limits.RegistryAnswerBytes), options.Limits.RegistryAnswerBytes, options.IdleTimeout,
                cancellationToken).ConfigureAwait(false);
            yield return (body, request);
            address = Next(request, response);
        }
    }

    private static Uri? Next(RegistryRequest request, HttpResponseMessage response)
    {
        if (!response.Headers.TryGetValues("Link", out IEnumerable<string>? links)
            || PageLink.Next(string.Join(", ", links)) is not { } link
            || !Uri.TryCreate(request.Address, link, out Uri? next))
        {
            return null;
        }

        // The next page must be on the same server, and not the page that was just read.
        return RegistryAddress.IsSame(next, request.Address) && next != request.Address
            ? next
            : throw new MalformedDataException(Fault.RegistryAnswer, 0, $"{request}: the next page is the same page, or on another server");
    }
}
