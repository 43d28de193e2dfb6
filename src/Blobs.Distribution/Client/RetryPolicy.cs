using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;

namespace Blobs.Distribution.Client;

/// <summary>
/// Which failures to retry, and after which delay: the one that the server asks for (RFC 9110, 10.2.3), otherwise
/// exponential backoff with jitter, so that many clients do not return at once.
/// </summary>
internal sealed class RetryPolicy
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(250);

    // No retry when the server asks for a longer delay.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(2);

    private readonly ILogger _log;

    public RetryPolicy(int retries, TimeProvider time, ILogger log)
    {
        _log = log;
        Time = time;
        Retries = retries;
        Requests = BuildForAnswers(outcome => IsTransient(outcome));
        FirstRequests = BuildForAnswers(outcome => outcome is { Result: not null } && IsTransient(outcome));
        Uploads = Build(new RetryStrategyOptions<long>
        {
            ShouldHandle = arguments => ValueTask.FromResult(
                arguments.Outcome.Exception is RegistryException { IsTransient: true }),
            DelayGenerator = arguments => ValueTask.FromResult((arguments.Outcome.Exception as RegistryException)?.AskedDelay),
        });
    }

    public TimeProvider Time { get; }

    /// <summary>Retries of one request; also how many connections to one blob may be cut with little progress.</summary>
    public int Retries { get; }

    /// <summary>For one request whose body can be made again.</summary>
    public ResiliencePipeline<HttpResponseMessage> Requests { get; }

    /// <summary>For the first request to a registry: an address that refuses the connection is taken as wrong, and not
    /// retried.</summary>
    public ResiliencePipeline<HttpResponseMessage> FirstRequests { get; }

    /// <summary>For a whole upload, which starts again.</summary>
    public ResiliencePipeline<long> Uploads { get; }

    /// <summary>Whether the connection failed, and not the request.</summary>
    public static bool IsTransient(Exception? fault) => fault switch
    {
        HttpRequestException { HttpRequestError: var error } => error is HttpRequestError.ConnectionError
            or HttpRequestError.ResponseEnded or HttpRequestError.HttpProtocolError or HttpRequestError.Unknown,
        IOException or TimeoutException => true,
        _ => false,
    };

    /// <summary>Whether the same request may succeed later.</summary>
    public bool IsTransient(HttpResponseMessage response) =>
        (int)response.StatusCode is 408 or 429 or 500 or 502 or 503 or 504 && AskedDelay(response).GetValueOrDefault() <= LongestWait;

    /// <summary>The delay that an answer asks for; null when it names none.</summary>
    public TimeSpan? AskedDelay(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date > Time.GetUtcNow() ? date - Time.GetUtcNow() : TimeSpan.Zero,
        _ => null,
    };

    private bool IsTransient(Outcome<HttpResponseMessage> outcome) =>
        outcome is { Result: { } response } ? IsTransient(response) : IsTransient(outcome.Exception);

    private ResiliencePipeline<HttpResponseMessage> BuildForAnswers(Func<Outcome<HttpResponseMessage>, bool> isTransient) =>
        Build(new RetryStrategyOptions<HttpResponseMessage>
        {
            ShouldHandle = arguments => ValueTask.FromResult(isTransient(arguments.Outcome)),
            DelayGenerator = arguments => ValueTask.FromResult(
                arguments.Outcome is { Result: { } response } ? AskedDelay(response) : null),
            OnRetry = arguments =>
            {
                if (arguments.Outcome is { Result: { } response })
                {
                    response.Dispose();
                }

                return ValueTask.CompletedTask;
            },
        });

    private static string ReasonOf<T>(Outcome<T> outcome) =>
        outcome is { Result: HttpResponseMessage response } ? $"{(int)response.StatusCode}" : outcome.Exception?.Message ?? "";

    private ResiliencePipeline<T> Build<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.All)] T>(RetryStrategyOptions<T> options)
    {
        var builder = new ResiliencePipelineBuilder<T> { TimeProvider = Time };
        if (Retries > 0)
        {
            options.MaxRetryAttempts = Retries;
            options.Delay = FirstDelay;
            options.BackoffType = DelayBackoffType.Exponential;
            options.UseJitter = true;
            Func<OnRetryArguments<T>, ValueTask>? then = options.OnRetry;
            options.OnRetry = arguments =>
            {
                ClientLog.Retrying(_log, ReasonOf(arguments.Outcome), arguments.AttemptNumber + 1, arguments.RetryDelay);
                return then?.Invoke(arguments) ?? ValueTask.CompletedTask;
            };
            builder.AddRetry(options);
        }

        return builder.Build();
    }
}
