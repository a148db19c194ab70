namespace Chat.Benchmarks.Balancing;

/// <summary>The rivals as their manuals set them up for WebSockets, with room for the connections and without logs.</summary>
internal static class FrontConfiguration
{
    private const int DescriptorsMax = 20_000;

    /// <summary>HAProxy counts two descriptors for each, and some for itself.</summary>
    private const int HaProxyConnectionsMax = 9_900;

    public static string Nginx(string directory, int port, int to, int workers) => $$"""
        daemon off;
        pid {{directory}}/nginx.pid;
        worker_processes {{workers}};
        worker_rlimit_nofile {{DescriptorsMax}};
        events { worker_connections {{DescriptorsMax}}; }
        http {
          access_log off;
          client_body_temp_path {{directory}}/body;
          proxy_temp_path {{directory}}/proxy;
          fastcgi_temp_path {{directory}}/fastcgi;
          uwsgi_temp_path {{directory}}/uwsgi;
          scgi_temp_path {{directory}}/scgi;
          server {
            listen 127.0.0.1:{{port}} backlog=4096;
            location / {
              proxy_pass http://127.0.0.1:{{to}};
              proxy_http_version 1.1;
              proxy_set_header Upgrade $http_upgrade;
              proxy_set_header Connection "upgrade";
              proxy_read_timeout 1h;
              proxy_send_timeout 1h;
            }
          }
        }
        """;

    public static string HaProxy(int port, int to, int workers) => $"""
        global
          maxconn {HaProxyConnectionsMax}
          nbthread {workers}
        defaults
          mode http
          timeout connect 5s
          timeout client 1h
          timeout server 1h
          timeout tunnel 1h
        frontend all
          bind 127.0.0.1:{port} backlog 4096
          default_backend floor
        backend floor
          server floor 127.0.0.1:{to}

        """;
}
