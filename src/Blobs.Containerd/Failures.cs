using Blobs.Errors;
using Blobs.Errors.Internal;
using Grpc.Core;

namespace Blobs.Containerd;

/// <summary>Makes errors of failed calls.</summary>
internal static class Failures
{
    /// <summary>The error of a call that failed.</summary>
    /// <param name="fault">The failure.</param>
    /// <param name="what">What the call was about: <c>image x:1</c>.</param>
    public static BlobsException Of(RpcException fault, string what) => fault.StatusCode switch
    {
        StatusCode.NotFound => new NotFoundException(what, $"containerd does not have {what}"),
        StatusCode.Unavailable => new ContainerdException(
            $"{fault.StatusCode}", $"{what}: containerd cannot be reached: {Words(fault)}", fault),
        _ => new ContainerdException($"{fault.StatusCode}", $"{what}: containerd refused: {Words(fault)}", fault),
    };

    /// <summary>Runs calls, and makes errors of those that fail.</summary>
    public static async Task<T> OfAsync<T>(string what, Func<Task<T>> calls)
    {
        try
        {
            return await calls().ConfigureAwait(false);
        }
        catch (RpcException fault)
        {
            throw Of(fault, what);
        }
    }

    /// <inheritdoc cref="OfAsync{T}"/>
    public static Task OfAsync(string what, Func<Task> calls) =>
        OfAsync(what, async () =>
        {
            await calls().ConfigureAwait(false);
            return true;
        });

    // The text comes from outside.
    private static string Words(RpcException fault) => Escaped(
        fault.Status.DebugException is { } cause ? cause.GetBaseException().Message : fault.Status.Detail);

    private static string Escaped(string text) => Printable.Escape(System.Text.Encoding.UTF8.GetBytes(text));
}
